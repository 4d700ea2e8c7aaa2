/** Interpolation sweeps. */
import { selectPoint } from '../../engine/index.ts';
import { BadInputError } from '../errors.ts';
import type { SweepPointRecord } from './records.ts';
import type { Session } from './session.ts';

/** The engine's rule on the recorded points, for any tolerance; null while the point at alpha 0 is not there. */
export async function selectedPoint(session: Session, sweep: number, tolerance: number): Promise<SweepPointRecord | null> {
  if (!(tolerance >= 0 && tolerance <= 1)) throw new BadInputError(`A tolerance lies between 0 and 1 (got ${tolerance}).`, ['tolerance']);
  return selectPoint(await session.load.sweepPoints.load(sweep), tolerance) ?? null;
}
