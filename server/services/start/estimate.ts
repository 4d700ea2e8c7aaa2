/** What a start mutation would cost on each device, without starting it. */
import type { StageName } from '../../../engine/config.ts';
import { type StageWork, secondsOfStages } from '../../../engine/index.ts';
import { BadInputError } from '../../errors.ts';
import { deviceState, listDevices } from '../devices.ts';
import { permit } from '../permission.ts';
import type { DeviceRecord, RunKind } from '../records.ts';
import type { Session } from '../session.ts';
import { costOf } from './cost.ts';
import { planInterpolation } from './interpolation.ts';
import type { Launch } from './launch.ts';
import { planRift } from './rift.ts';
import { planCriticality, planEvaluation, planFineTune } from './single.ts';
import { planTraining } from './training.ts';

export interface DeviceEstimate {
  device: DeviceRecord;
  seconds: number;
  stages: { name: StageName; seconds: number }[];
}

export interface RunEstimate {
  /** What would be recorded of the run: its input with every default. */
  config: object;
  devices: DeviceEstimate[];
}

const plans: Partial<Record<RunKind, (session: Session, input: unknown) => Promise<Launch>>> = {
  TRAINING: planTraining,
  RIFT: planRift,
  CRITICALITY: planCriticality,
  FINE_TUNE: planFineTune,
  INTERPOLATION: planInterpolation,
  EVALUATION: planEvaluation,
};

const computes = ['idle', 'busy', 'testing', 'standby'];

/** Those that may compute runs and whose speed is known. */
export async function computingDevices(session: Session): Promise<(DeviceRecord & { imagesPerSecond: number })[]> {
  const devices = await listDevices(session);
  return devices.flatMap(({ imagesPerSecond, ...device }) =>
    imagesPerSecond !== null && computes.includes(deviceState({ imagesPerSecond, ...device })) ? [{ ...device, imagesPerSecond }] : [],
  );
}

/** What this work takes on each device alone, the quickest first. */
export async function estimatesOf(session: Session, works: readonly StageWork[]): Promise<DeviceEstimate[]> {
  const estimates = (await computingDevices(session)).map(async (device) => {
    const stages = await secondsOfStages(works, device.imagesPerSecond);
    return { device, stages, seconds: stages.reduce((sum, { seconds }) => sum + seconds, 0) };
  });
  return (await Promise.all(estimates)).sort((a, b) => a.seconds - b.seconds);
}

/**
 * The quickest device first; those whose speed is not known are left out. Throws what the start mutation would throw for the
 * input, except that the project need not exist.
 */
export async function estimate(session: Session, kind: RunKind, input: unknown): Promise<RunEstimate> {
  permit(session, 'VIEWER');
  const plan = plans[kind];
  if (!plan) throw new BadInputError(`A run of the kind ${kind} is executed elsewhere: nothing starts it here.`, ['kind']);
  const run = await plan(session, input);
  return { config: run.config, devices: await estimatesOf(session, await costOf(run)) };
}
