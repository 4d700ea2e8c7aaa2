/** A small study that really runs to its end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../../helpers/runs.ts';
import { startWorker, type TestWorker } from '../../helpers/worker.ts';
import { startLab, type TestLab } from './lab.ts';
import { numberOf, readStudy, selections, startStudy, tiny } from './small-study.ts';

let lab: TestLab;

beforeAll(async () => {
  lab = await startLab();
  await lab.ask('mutation { createProject(input: { name: "p" }) { id } }');
});
afterAll(() => lab.close());

describe('a study that is computed', () => {
  let data: string;
  let worker: TestWorker;
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'riftlab-test-data-'));
    worker = startWorker(lab.databaseUrl, data, 'study', { environment: { RIFTLAB_THREADS: '2' } });
    await waitUntil(
      async () => (await lab.database.prisma.device.count({ where: { state: 'idle', imagesPerSecond: { not: null } } })) > 0,
      120,
    );
  });
  afterAll(async () => {
    await worker.end('SIGTERM');
    await rm(data, { recursive: true, force: true });
  });

  it('says what it costs, comes to its end, and shows mean and spread of its seeds beside the paper', async () => {
    const input = { project: 'p', name: 'whole', preset: 'TABLE_3', base: tiny, grid: selections, seeds: [0, 1] };
    const estimate = await lab.ask(
      'mutation ($input: StartStudyInput!) { estimateStudy(input: $input) { runs trainings devices { seconds hours device { name } } } }',
      { input },
    );
    expect(estimate.errors).toEqual([]);
    const { runs, trainings, devices } = estimate.data.estimateStudy;
    expect({ runs, trainings }).toEqual({ runs: 4, trainings: 2 });
    expect(devices[0].seconds).toBeGreaterThan(0);
    expect(devices[0].hours).toBeCloseTo(devices[0].seconds / 3600, 12);

    const { id, estimatedSeconds } = (await startStudy(lab, input, 'id estimatedSeconds')).data.startStudy;
    expect(estimatedSeconds).toBeCloseTo(devices[0].seconds, 6);
    const { studyRun } = lab.database.prisma;
    const going = { studyId: numberOf(id), run: { state: { in: ['QUEUED' as const, 'RUNNING' as const] } } };
    await waitUntil(async () => (await studyRun.count({ where: going })) === 0, 850);
    const numbers = 'standard { mean sd seeds } robust { mean sd seeds }';
    const whole = await readStudy(
      lab,
      id,
      `state estimatedSeconds progress { done total fraction } rows { cell images suspect published ${numbers} base { ${numbers} } alpha { seeds } runs { seed error { message } metrics { key last } outputs { id name } } }`,
    );
    expect(whole.rows.flatMap((row: { runs: { error: unknown }[] }) => row.runs.map(({ error }) => error))).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(whole).toMatchObject({ state: 'FINISHED', progress: { done: 4, total: 4, fraction: 1 } });
    expect(whole.estimatedSeconds).toBeGreaterThan(0);
    for (const row of whole.rows) {
      const values = row.runs.map(
        ({ metrics }: { metrics: { key: string; last: number }[] }) => metrics.find(({ key }) => key === 'standard')?.last,
      );
      const mean = (values[0] + values[1]) / 2;
      expect(row.standard).toMatchObject({
        mean: expect.closeTo(mean, 9),
        seeds: 2,
        sd: expect.closeTo(Math.abs(values[0] - values[1]) / Math.SQRT2, 9),
      });
      expect(row.alpha.seeds).toBe(2);
      expect(row.images).toBe(32);
      expect(row.published.rift.standard).toBeGreaterThan(0.8);
    }
    const [last, least] = whole.rows;
    expect(last.base).toEqual(least.base);
    const trained = (row: { runs: { outputs: { id: string; name: string }[] }[] }) =>
      row.runs.map(({ outputs }) => outputs.find(({ name }) => name.endsWith('trained'))?.id);
    expect(trained(last)).toEqual(trained(least));
    expect(new Set(trained(last)).size).toBe(2);
  }, 900_000);
});
