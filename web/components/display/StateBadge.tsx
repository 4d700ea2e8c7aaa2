'use client';
import { IconAlertCircle, IconBan, IconCheck, IconClock, IconPlugConnectedX } from '@tabler/icons-react';
import { clock } from '../../lib/format.ts';
import { isLive, stateWord } from '../../lib/words.ts';
import { useStaleSince } from './connection.ts';
import classes from './StateBadge.module.css';

const icons: Record<string, typeof IconCheck> = { QUEUED: IconClock, FINISHED: IconCheck, FAILED: IconAlertCircle, CANCELLED: IconBan };

/**
 * State of a run or stage, told apart by word and sign as well as by colour. One that can change by itself says as of when it
 * is while the connection is lost.
 */
export function StateBadge({ state }: { state: string }) {
  const since = useStaleSince();
  const stale = since !== null && isLive(state);
  const Icon = stale ? IconPlugConnectedX : icons[state];
  return (
    <span className={classes.badge} data-state={state} data-stale={stale || undefined}>
      {Icon ? <Icon size={14} stroke={2} aria-hidden /> : <span className={classes.pulse} aria-hidden />}
      {stateWord(state)}
      {stale && ` as of ${clock(since)}`}
    </span>
  );
}
