/** A queue whose workers have devices that break. */
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { openTestQueue, type TestQueue } from '../../helpers/queue.ts';
import { hasEpochKept, smallTraining } from '../../helpers/runs.ts';

/** What a device that is lost says. */
export const lost = 'CUDA failure 700: an illegal memory access was encountered ; GPU=0';

export const training = {
  kind: 'TRAINING' as const,
  stages: ['TRAINING' as const],
  config: { training: { ...smallTraining, epochs: 10 }, evaluation: { images: 32 } },
};

/** A lab for the tests of a file, and what they ask of it; each test's workers end with it. */
export function openFaultyLab() {
  const opened = {} as { lab: TestQueue };
  beforeAll(async () => {
    opened.lab = await openTestQueue();
  });
  afterEach(async () => {
    await opened.lab.endWorkers();
    expect(opened.lab.errors).toEqual([]);
  });
  afterAll(() => opened.lab.close());
  const prisma = () => opened.lab.database.prisma;
  return {
    /** Once the tests run. */
    get lab() {
      return opened.lab;
    },
    deviceOf: (worker: string) => prisma().device.findFirst({ where: { worker: { endsWith: `/${worker}` } } }),
    linesOf: async (runId: number) =>
      (await prisma().logLine.findMany({ where: { runId }, orderBy: { seq: 'asc' } })).map(({ level, text }) => `${level}: ${text}`),
    hasResumeState: (runId: number) => hasEpochKept(opened.lab.database, runId),
  };
}
