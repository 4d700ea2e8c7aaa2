/** What a stage records arrives once, however often it is sent. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MrcScore } from '../../../engine/recorder.ts';
import type { Transaction } from '../../../server/store/database.ts';
import { unpackOutcomes } from '../../../server/store/outcomes.ts';
import {
  openSweep,
  recordEvaluation,
  recordLines,
  recordMetrics,
  recordMrcScore,
  recordSweepPoint,
} from '../../../server/store/recording.ts';
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts';

let fresh: FreshDatabase;
let run: number;

beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

beforeEach(async () => {
  const project = await fresh.database.prisma.project.upsert({ where: { name: 'tests' }, update: {}, create: { name: 'tests' } });
  const data = { projectId: project.id, name: 'recorded', kind: 'RIFT' as const, config: {} };
  run = (await fresh.database.prisma.run.create({ data })).id;
});

const write = (act: (transaction: Transaction) => Promise<void>) => fresh.database.prisma.$transaction(act);

async function summary(name: string) {
  const found = await fresh.database.prisma.metricSummary.findFirst({ where: { runId: run, key: { name } } });
  return found && { ...found, lastStep: Number(found.lastStep), count: Number(found.count) };
}

describe('metrics', () => {
  const points = [3, 1, 2].map((value, step) => ({ key: 'loss', step, value }));

  it('keeps summaries of exactly the points that were kept', async () => {
    await write((transaction) => recordMetrics(transaction, run, points.slice(0, 2)));
    await write((transaction) => recordMetrics(transaction, run, [...points, ...points]));
    await write((transaction) => recordMetrics(transaction, run, [{ key: 'loss', step: 1, value: 99 }]));
    expect(await summary('loss')).toMatchObject({ last: 2, lastStep: 2, min: 1, max: 3, count: 3 });
    expect(
      (await fresh.database.prisma.metricPoint.findMany({ where: { runId: run }, orderBy: { step: 'asc' } })).map(({ value }) => value),
    ).toEqual([3, 1, 2]);
  });

  it('does not let an earlier step become the last value', async () => {
    await write((transaction) => recordMetrics(transaction, run, [{ key: 'loss', step: 5, value: 5 }]));
    await write((transaction) => recordMetrics(transaction, run, [{ key: 'loss', step: 4, value: 7 }]));
    expect(await summary('loss')).toMatchObject({ last: 5, lastStep: 5, min: 5, max: 7, count: 2 });
  });

  it('keeps NaN and infinities as values, but not as minimum or maximum', async () => {
    const values = [Number.NaN, Number.POSITIVE_INFINITY, 2, Number.NEGATIVE_INFINITY];
    await write((transaction) =>
      recordMetrics(
        transaction,
        run,
        values.map((value, step) => ({ key: 'loss', step, value })),
      ),
    );
    const kept = await fresh.database.prisma.metricPoint.findMany({ where: { runId: run }, orderBy: { step: 'asc' } });
    expect(kept.map(({ value }) => value)).toEqual(values);
    expect(await summary('loss')).toMatchObject({ last: Number.NEGATIVE_INFINITY, min: 2, max: 2, count: 4 });
  });

  it('holds steps beyond 32 bits', async () => {
    await write((transaction) => recordMetrics(transaction, run, [{ key: 'loss', step: 2 ** 40, value: 1 }]));
    expect(await summary('loss')).toMatchObject({ lastStep: 2 ** 40 });
  });

  it('adds nothing when two workers record the same points at the same time', async () => {
    const many = Array.from({ length: 500 }, (_, step) => ({ key: step % 2 ? 'loss' : 'accuracy', step, value: step }));
    await Promise.all([0, 1, 2, 3].map(() => write((transaction) => recordMetrics(transaction, run, many))));
    expect(await summary('loss')).toMatchObject({ last: 499, count: 250, min: 1, max: 499 });
    expect(await summary('accuracy')).toMatchObject({ last: 498, count: 250, min: 0, max: 498 });
  });
});

describe('pieces of a stage', () => {
  const scoreOf = (module: string): MrcScore => ({
    module,
    complete: true,
    score: 0.5,
    robustLoss: 1,
    perturbedLoss: 1.5,
    epsilon: 0.1,
    norm: 'L2',
    losses: [1.2, 1.5],
  });

  it('are kept once', async () => {
    const score = scoreOf('conv1');
    const point = { alpha: 0.5, standard: 0.9, robust: 0.6, images: 100, split: 'holdout' as const };
    const { prisma } = fresh.database;
    const weights = {
      artifact: { create: { sha256: 'a'.repeat(64), bytes: 1 } },
      sha256: 'a'.repeat(64),
      name: 'x',
      architecture: 'SMALL_CNN',
      parameters: 1,
      bytes: 1,
      modules: [],
    };
    const checkpoint = await prisma.checkpoint.create({ data: weights });
    const result = {
      suite: 'STANDARD' as const,
      dataset: 'mnist',
      split: 'test' as const,
      images: 10,
      correct: 9,
      protocol: 'standard; mnist test[0:10]',
      fingerprint: 'f'.repeat(64),
      outcomes: Uint8Array.from([1, 1, 1, 0, 1, 1, 1, 1, 1, 1]),
    };
    for (let time = 0; time < 2; time++) {
      await write(async (transaction) => {
        await openSweep(transaction, run, { baseId: checkpoint.id, tunedId: checkpoint.id, modules: ['conv1'] });
        await recordMrcScore(transaction, run, score, 0);
        await recordSweepPoint(transaction, run, point);
        await recordEvaluation(transaction, run, checkpoint.id, result);
      });
    }
    const kept = await prisma.run.findUniqueOrThrow({
      where: { id: run },
      include: { mrcScores: true, sweep: { include: { points: true } }, evaluations: true },
    });
    expect(kept.mrcScores).toMatchObject([score]);
    expect(kept.sweep?.points).toMatchObject([point]);
    const { outcomes, ...counted } = result;
    expect(kept.evaluations).toMatchObject([{ ...counted, trust: 'UNCHECKED', findings: [] }]);
    expect(kept.evaluations.map((one) => one.outcomes && unpackOutcomes(one.outcomes, one.images))).toEqual([outcomes]);
  });

  it('take the place of their lower bounds, which do not come back', async () => {
    const score = scoreOf('linear');
    const bound = { ...score, complete: false, score: 0.2, perturbedLoss: 1.2, losses: [1.2] };
    const kept = () => fresh.database.prisma.mrcScore.findMany({ where: { runId: run, module: 'linear' } });
    await write((transaction) => recordMrcScore(transaction, run, bound, 1));
    expect(await kept()).toMatchObject([bound]);
    for (const sent of [score, bound]) {
      await write((transaction) => recordMrcScore(transaction, run, sent, 1));
      expect(await kept()).toMatchObject([score]);
    }
  });

  it('give a point its robust accuracy once it is measured', async () => {
    const { prisma } = fresh.database;
    await write((transaction) => openSweep(transaction, run, { baseId: null, tunedId: null, modules: [] }));
    const { id } = await prisma.interpolationSweep.findUniqueOrThrow({ where: { runId: run } });
    const point = { alpha: 0.75, standard: 0.9, images: 100, split: 'holdout' as const };
    const kept = () => prisma.sweepPoint.findUniqueOrThrow({ where: { sweepId_alpha: { sweepId: id, alpha: 0.75 } } });
    for (const [robust, expected] of [
      [null, null],
      [0.6, 0.6],
      [null, 0.6],
    ] as const) {
      await write((transaction) => recordSweepPoint(transaction, run, { ...point, robust }));
      expect(await kept()).toMatchObject({ ...point, robust: expected });
    }
  });

  it('number their log lines without gaps', async () => {
    const line = (text: string) => ({ text, level: 'info' as const, at: new Date() });
    await write((transaction) => recordLines(transaction, run, [line('one'), line('two')]));
    await write((transaction) => recordLines(transaction, run, [line('three')]));
    const lines = await fresh.database.prisma.logLine.findMany({ where: { runId: run }, orderBy: { seq: 'asc' } });
    expect(lines.map(({ seq, text }) => `${seq} ${text}`)).toEqual(['1 one', '2 two', '3 three']);
  });
});
