import { Tooltip } from '@mantine/core';
import { count, points } from '../../lib/format.ts';
import type { LeaderboardRow } from '../../queries/lab.ts';
import classes from './Leaderboard.module.css';

type Paired = LeaderboardRow['pairedStandard'];

/** What a difference rests on, in words. */
function basis({ images, onlyFirst, onlySecond, low, high, pValue }: NonNullable<Paired>): string {
  const chance = pValue < 0.001 ? 'p < 0.001' : `p = ${pValue.toFixed(3)}`;
  return `Of ${count(images)} images RiFT got ${count(onlySecond)} right that the base got wrong, and ${count(onlyFirst)} wrong that it got right. 95% interval ${points(low, 2)} to ${points(high, 2)} points, ${chance} (McNemar, exact).`;
}

/** A difference in points with its interval; coloured only where it is more than chance and both numbers can be trusted. */
export function Delta({ row, value, paired }: { row: LeaderboardRow; value: number | null; paired: Paired }) {
  if (value === null || !paired) return <span className={classes.delta}>{points(value, 2)}</span>;
  const isSuspect = row.base.trust === 'SUSPECT' || row.rift?.trust === 'SUSPECT';
  const isCertain = !isSuspect && paired.pValue < 0.05 && paired.low * paired.high > 0;
  return (
    <Tooltip label={basis(paired)} maw={380} events={{ hover: true, focus: true, touch: true }}>
      <button
        type="button"
        className={classes.delta}
        data-tone={isCertain ? (value > 0 ? 'up' : 'down') : undefined}
        aria-label={`${points(value, 2)} points. ${basis(paired)}`}
      >
        {points(value, 2)}
        <small>
          {points(paired.low)} to {points(paired.high)}
        </small>
      </button>
    </Tooltip>
  );
}
