/** Shared stages that are cancelled, and a search for the least scores, which is not shared. */
import { describe, expect, it } from 'vitest';
import { queueRun, waitForRun, waitUntil } from '../../helpers/runs.ts';
import { openSharedWork, sharedConfig } from './shared-work.ts';

const opened = openSharedWork();

describe('two workers of one thread', () => {
  it('stop within seconds when the run is cancelled, and go on from what is kept', async () => {
    const work = opened.shared;
    const id = await work.measure();
    const { prisma } = work.lab.database;
    await work.bothAtWork(id);
    await prisma.$transaction((transaction) => work.lab.queue.cancelRun(transaction, id));
    await work.workersReady(2);
    expect(await prisma.slice.count({ where: { runId: id, state: 'RUNNING' } })).toBe(0);
    await prisma.$transaction((transaction) => work.lab.queue.resumeRun(transaction, id));
    await waitForRun(work.lab.database, id, ['FINISHED']);
    expect(await work.numbers(id)).toEqual(work.alone);
  });

  it('leave a search for the least scores to one, which goes on from its bounds after a kill', async () => {
    const work = opened.shared;
    const { prisma } = work.lab.database;
    await work.rest();
    work.work(1, 2);
    await work.workersReady(2);
    const least = { ...sharedConfig, criticality: { ...sharedConfig.criticality, iterations: 40, until: 'LEAST' } };
    const id = await queueRun(work.lab.database, work.lab.queue, {
      kind: 'CRITICALITY',
      config: least,
      stages: ['CRITICALITY'],
      inputs: work.inputs,
    });
    await waitUntil(async () => (await prisma.mrcScore.count({ where: { runId: id } })) >= 3);
    expect(await prisma.slice.count()).toBe(0);
    const bounds = await prisma.mrcScore.findMany({ where: { runId: id } });
    await Promise.all(work.workers.map((worker) => worker.end('SIGKILL')));
    work.work(1, 2);
    await waitForRun(work.lab.database, id, ['FINISHED']);
    const scores = await prisma.mrcScore.findMany({ where: { runId: id }, orderBy: [{ score: 'asc' }, { position: 'asc' }] });
    expect(scores).toHaveLength(work.alone.scores.length);
    expect(scores[0]?.complete).toBe(true);
    for (const { module, losses } of bounds)
      expect(scores.find((score) => score.module === module)?.losses.slice(0, losses.length)).toEqual(losses);
  }, 400_000);
});
