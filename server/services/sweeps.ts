/** Interpolation sweeps. */
import { interpolationConfig } from '../../engine/config.ts';
import { selectPoint } from '../../engine/index.ts';
import { BadInputError } from '../errors.ts';
import { isMerged } from '../store/run-inputs.ts';
import type { CheckpointRecord, SweepPointRecord, SweepRecord } from './records.ts';
import { labelled } from './results.ts';
import type { Session } from './session.ts';

interface Chosen {
  tolerance?: unknown;
  until?: unknown;
}

/** How the run of the sweep chose its own point; the defaults where its configuration does not say. */
async function choiceOf(session: Session, { runId }: SweepRecord): Promise<{ tolerance: number; whole: boolean }> {
  const { interpolation } = ((await session.load.run.load(runId))?.config ?? {}) as { interpolation?: Chosen };
  const tolerance = interpolation?.tolerance;
  return {
    tolerance: typeof tolerance === 'number' ? tolerance : interpolationConfig.parse({}).tolerance,
    whole: interpolation?.until !== 'SELECTED',
  };
}

/** The checkpoints that the tuned one was merged with. */
export async function mergedOf(session: Session, { runId }: SweepRecord): Promise<CheckpointRecord[]> {
  const links = await labelled(session, runId, 'INPUT');
  return links.filter(({ label }) => isMerged(label)).map(({ checkpoint }) => checkpoint);
}

/**
 * The engine's rule on the recorded points, for any tolerance, the run's own when it is null; null while the point at alpha 0 is
 * not there. Throws BadInputError where the points that were measured do not tell for this tolerance.
 */
export async function selectedPoint(session: Session, sweep: SweepRecord, given: number | null): Promise<SweepPointRecord | null> {
  const own = await choiceOf(session, sweep);
  const tolerance = given ?? own.tolerance;
  if (!(tolerance >= 0 && tolerance <= 1)) throw new BadInputError(`A tolerance lies between 0 and 1 (got ${tolerance}).`, ['tolerance']);
  if (!own.whole && tolerance !== own.tolerance)
    throw new BadInputError(
      `This sweep was measured only until the point for the tolerance ${own.tolerance} was known (interpolation.until SELECTED): for another one, measure all points.`,
      ['tolerance'],
    );
  return selectPoint(await session.load.sweepPoints.load(sweep.id), tolerance) ?? null;
}
