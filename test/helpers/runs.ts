/** Small runs on MNIST for tests of queue and workers: a second or less a stage. */
import type { StageName } from '../../engine/config.ts';
import type { Queue } from '../../server/queue/queue.ts';
import type { Database } from '../../server/store/database.ts';
import type { RunKind } from '../../server/store/generated/enums.ts';

/** Seconds, on a machine that does much else. */
const patience = 240;

const attack = { epsilon: 0.1, stepSize: 0.05, steps: 2, randomStart: true, restarts: 1 };

export const smallTraining = {
  architecture: 'SMALL_CNN',
  variant: 'PGD_AT',
  dataset: 'mnist',
  trainImages: 64,
  epochs: 2,
  batchSize: 16,
  learningRate: 0.05,
  milestones: [],
  attack,
};

export const smallRift = {
  dataset: 'mnist',
  protocol: 'HOLD_OUT',
  model: { training: smallTraining },
  criticality: { images: 32, iterations: 2, attack },
  fineTune: { epochs: 2, batchSize: 16, learningRate: 0.01 },
  interpolation: { alphas: [0, 0.5, 1], tolerance: 0.01 },
  evaluation: { images: 32, attack },
};

export const riftStages: StageName[] = ['TRAINING', 'CRITICALITY', 'FINE_TUNE', 'INTERPOLATION', 'EVALUATION'];

/** A training run that takes about half a minute: time enough to interfere. */
export const longTraining = {
  kind: 'TRAINING' as const,
  stages: ['TRAINING' as const],
  config: { training: { ...smallTraining, trainImages: 256, epochs: 48 }, evaluation: { images: 32 } },
};

/** Whether a training run has an epoch that can be continued from. Throws when it ended before that was seen. */
export async function hasEpochKept({ prisma }: Database, id: number): Promise<boolean> {
  const { state, stages } = await prisma.run.findUniqueOrThrow({ where: { id }, include: { stages: true } });
  if (state === 'FINISHED' || state === 'FAILED') throw new Error(`Run ${id} is ${state} before a resume state was seen.`);
  return stages.some(({ resumeSha256 }) => resumeSha256 !== null);
}

export interface SmallRun {
  kind?: RunKind;
  config?: object;
  stages?: StageName[];
  wantedDevice?: number;
  /** Checkpoint ids by label. */
  inputs?: Record<string, number>;
}

/** Creates and queues a run; returns its id. */
export async function queueRun(
  { prisma }: Database,
  queue: Queue,
  { kind = 'RIFT', config = smallRift, stages = riftStages, wantedDevice, inputs = {} }: SmallRun = {},
): Promise<number> {
  const project = await prisma.project.upsert({ where: { name: 'tests' }, update: {}, create: { name: 'tests' } });
  return prisma.$transaction(async (transaction) => {
    const experiment = { dataset: 'mnist', protocol: 'HOLD_OUT', ...config };
    const data = { projectId: project.id, name: 'small', kind, config: experiment, seed: 0, wantedDeviceId: wantedDevice };
    const checkpoints = Object.entries(inputs).map(([label, checkpointId]) => ({ label, checkpointId, role: 'INPUT' as const }));
    const run = await transaction.run.create({ data: { ...data, checkpoints: { create: checkpoints } } });
    await queue.enqueueRun(transaction, run.id, stages);
    return run.id;
  });
}

/** Waits until the run is in one of these states; throws with what it says when it takes too long. */
export async function waitForRun({ prisma, pool }: Database, run: number, states: string[], limitSeconds = patience) {
  const deadline = Date.now() + limitSeconds * 1000;
  for (let looked = ''; ; ) {
    // The state alone first: what waits so often must take no time from what it waits for.
    const { rows } = await pool.query<{ state: string }>('SELECT "state" FROM "Run" WHERE "id" = $1', [run]);
    const isLate = Date.now() > deadline;
    if (rows[0]?.state !== looked || isLate) {
      const row = await prisma.run.findUniqueOrThrow({ where: { id: run }, include: { stages: { orderBy: { position: 'asc' } } } });
      if (states.includes(row.state)) return row;
      const stages = row.stages.map(({ name, state, progressDone, progressTotal }) => `${name} ${state} ${progressDone}/${progressTotal}`);
      if (isLate || ['FAILED', 'FINISHED', 'CANCELLED'].includes(row.state))
        throw new Error(`Run ${run} is ${row.state} and not ${states.join(' or ')}: ${row.errorMessage ?? ''}\n${stages.join('\n')}`);
      looked = row.state;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function waitUntil(isTrue: () => Promise<boolean>, limitSeconds = patience): Promise<void> {
  const deadline = Date.now() + limitSeconds * 1000;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`It did not become true within ${limitSeconds} s: ${isTrue}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
