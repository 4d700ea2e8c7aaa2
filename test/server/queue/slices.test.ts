/** Stages that several devices share: two real workers on one queue. */
import { describe, expect, it } from 'vitest';
import { waitForRun } from '../../helpers/runs.ts';
import { openSharedWork } from './shared-work.ts';

const opened = openSharedWork();

describe('two workers of one thread', () => {
  it('share a run and measure what one worker of two threads does', async () => {
    const work = opened.shared;
    const id = await work.measure();
    const { stages: ended } = await waitForRun(work.lab.database, id, ['FINISHED']);
    for (const stage of ended) expect(stage.progressDone, stage.name).toBe(stage.progressTotal);
    expect(await work.numbers(id)).toEqual(work.alone);
    expect(await work.linesOf(id, /^Scoring/)).toHaveLength(2);
    expect(await work.linesOf(id, /^Measuring/)).toHaveLength(2);
    expect(work.alone.evaluations.map(({ suite }) => suite)).toContain('ADVERSARIAL');
    const metrics = await work.lab.database.prisma.metricSummary.findMany({ where: { runId: id }, include: { key: true } });
    expect(metrics.map(({ key }) => key.name)).toEqual(expect.arrayContaining(['standard', 'robust', 'robust.SQUARE', 'base.robust']));
    expect(await work.lab.database.prisma.slice.count()).toBe(0);
  });

  it('repeat the slice of one that was killed, and no other', async () => {
    const work = opened.shared;
    const id = await work.measure();
    await work.bothAtWork(id);
    await work.workers[0]?.end('SIGKILL');
    await waitForRun(work.lab.database, id, ['FINISHED']);
    expect(await work.numbers(id)).toEqual(work.alone);
    const scored = await work.linesOf(id, /^Scoring/);
    expect(scored.length).toBeLessThanOrEqual(3);
  });
});
