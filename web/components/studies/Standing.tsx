import type { StudyStatus } from '../../queries/studies.ts';
import { StateBadge } from '../display/StateBadge.tsx';
import classes from './Studies.module.css';

/** The state of a study; a paused one is told from one whose runs were cancelled. */
export function Standing({ study }: { study: Pick<StudyStatus, 'state' | 'paused'> }) {
  return study.paused && study.state === 'CANCELLED' ? <span className={classes.paused}>Paused</span> : <StateBadge state={study.state} />;
}
