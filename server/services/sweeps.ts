/** Interpolation sweeps. */
import { interpolationConfig } from '../../engine/config.ts';
import { selectPoint } from '../../engine/index.ts';
import { BadInputError } from '../errors.ts';
import { isMerged } from '../store/run-inputs.ts';
import type { CheckpointRecord, SweepPointRecord, SweepRecord } from './records.ts';
import { labelled } from './results.ts';
import type { Session } from './session.ts';

/** The tolerance that the run of the sweep chose its own point by; the default where its configuration has none. */
async function toleranceOf(session: Session, { runId }: SweepRecord): Promise<number> {
  const { interpolation } = ((await session.load.run.load(runId))?.config ?? {}) as { interpolation?: { tolerance?: unknown } };
  const tolerance = interpolation?.tolerance;
  return typeof tolerance === 'number' ? tolerance : interpolationConfig.parse({}).tolerance;
}

/** The checkpoints that the tuned one was merged with. */
export async function mergedOf(session: Session, { runId }: SweepRecord): Promise<CheckpointRecord[]> {
  const links = await labelled(session, runId, 'INPUT');
  return links.filter(({ label }) => isMerged(label)).map(({ checkpoint }) => checkpoint);
}

/**
 * The engine's rule on the recorded points, for any tolerance, the run's own when it is null; null while the point at alpha 0 is
 * not there.
 */
export async function selectedPoint(session: Session, sweep: SweepRecord, given: number | null): Promise<SweepPointRecord | null> {
  const tolerance = given ?? (await toleranceOf(session, sweep));
  if (!(tolerance >= 0 && tolerance <= 1)) throw new BadInputError(`A tolerance lies between 0 and 1 (got ${tolerance}).`, ['tolerance']);
  return selectPoint(await session.load.sweepPoints.load(sweep.id), tolerance) ?? null;
}
