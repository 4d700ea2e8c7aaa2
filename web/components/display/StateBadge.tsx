import { IconAlertCircle, IconBan, IconCheck, IconClock } from '@tabler/icons-react';
import { stateWord } from '../../lib/words.ts';
import classes from './StateBadge.module.css';

const icons: Record<string, typeof IconCheck> = { QUEUED: IconClock, FINISHED: IconCheck, FAILED: IconAlertCircle, CANCELLED: IconBan };

/** State of a run or stage, told apart by word and sign as well as by colour. */
export function StateBadge({ state }: { state: string }) {
  const Icon = icons[state];
  return (
    <span className={classes.badge} data-state={state}>
      {Icon ? <Icon size={14} stroke={2} aria-hidden /> : <span className={classes.pulse} aria-hidden />}
      {stateWord(state)}
    </span>
  );
}
