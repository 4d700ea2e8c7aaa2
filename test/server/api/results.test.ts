/** What a run recorded, read back: series, log, scores, sweep, evaluations, checkpoints, leaderboard. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepWeights, openCheckpoint, recordCheckpoint } from '../../../server/store/checkpoints.ts';
import {
  openSweep,
  recordEvaluation,
  recordLines,
  recordMetrics,
  recordMrcScore,
  recordSweepPoint,
} from '../../../server/store/recording.ts';
import { startLab, type TestLab } from './lab.ts';
import { addCheckpoint, addRun, fingerprintOf } from './records.ts';

let lab: TestLab;
let run: number;
let id: string;

beforeAll(async () => {
  lab = await startLab();
  run = await addRun(lab.database, { data: { kind: 'RIFT' } });
  id = `Run-${run}`;
});

afterAll(() => lab.close());

const askRun = async (selection: string, variables: object = {}) => {
  const { data, errors } = await lab.ask(`query ($id: ID!) { run(id: $id) { ${selection} } }`, { id, ...variables });
  expect(errors).toEqual([]);
  return data.run;
};

describe('series', () => {
  it('are merged into buckets that lose no spike', async () => {
    const { prisma } = lab.database;
    const points = Array.from({ length: 10_000 }, (_, step) => ({ key: 'loss', step, value: step === 7777 ? 1000 : Math.sin(step / 100) }));
    for (let from = 0; from < points.length; from += 2500) await recordMetrics(prisma, run, points.slice(from, from + 2500));
    const { series } = await askRun('series(keys: ["loss", "nothing"], maxPoints: 200) { key total points { step mean min max at } }');
    expect(series[1]).toEqual({ key: 'nothing', total: 0, points: [] });
    const [{ total, points: buckets }] = series;
    expect(total).toBe(10_000);
    expect(buckets).toHaveLength(200);
    expect(buckets.map(({ step }: { step: number }) => step)).toEqual(Array.from({ length: 200 }, (_, bucket) => bucket * 50));
    expect(Math.max(...buckets.map(({ max }: { max: number }) => max))).toBe(1000);
    const values = points.slice(50, 100).map(({ value }) => value);
    expect(buckets[1].mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / 50, 10);
    expect([buckets[1].min, buckets[1].max]).toEqual([Math.min(...values), Math.max(...values)]);
  });

  it('are whole where they are short enough, in any range', async () => {
    const { series } = await askRun(
      'series(keys: ["loss"], fromStep: 100, toStep: 109, maxPoints: 10) { total points { step mean min max } }',
    );
    expect(series[0].total).toBe(10);
    expect(series[0].points.map(({ step }: { step: number }) => step)).toEqual([100, 101, 102, 103, 104, 105, 106, 107, 108, 109]);
    expect(series[0].points[3].mean).toBe(Math.sin(1.03));
    const steps = [{ step: 5_000_000_000 }, { step: 5_000_000_001 }].map((point) => ({ key: 'far', value: 1, ...point }));
    await recordMetrics(lab.database.prisma, run, steps);
    const far = await askRun('series(keys: ["far"]) { points { step } } metrics(keys: ["far"]) { lastStep count }');
    expect(far).toEqual({
      series: [{ points: [{ step: 5_000_000_000 }, { step: 5_000_000_001 }] }],
      metrics: [{ lastStep: 5_000_000_001, count: 2 }],
    });
  });

  it('are bounded', async () => {
    const wrong = async (selection: string) =>
      (await lab.ask(`query ($id: ID!) { run(id: $id) { ${selection} } }`, { id })).errors[0]?.extensions;
    expect(await wrong('series(keys: ["loss"], maxPoints: 100000) { key }')).toMatchObject({ code: 'BAD_USER_INPUT', path: ['maxPoints'] });
    expect(await wrong(`series(keys: ${JSON.stringify(Array(101).fill('x'))}) { key }`)).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      path: ['keys'],
    });
  });

  it('say what NaN and infinities are, in summaries and in series', async () => {
    const record = (key: string, values: number[]) =>
      recordMetrics(
        lab.database.prisma,
        run,
        values.map((value, step) => ({ key, step, value })),
      );
    await record('odd', [1, 3, Number.NaN, Number.POSITIVE_INFINITY]);
    await record('broken', [Number.NaN]);
    await record('recovered', [1, Number.NaN, Number.NaN, Number.NEGATIVE_INFINITY, 2]);
    const summary = 'key last lastStep special specialSince min max count';
    const { metrics, series, all } = await askRun(
      `metrics(keys: ["odd", "broken", "recovered"]) { ${summary} } all: metrics(keys: ["broken"], special: true) { ${summary} }
       series(keys: ["odd", "broken", "recovered"]) { total points { step mean } specials { special fromStep toStep count } }`,
    );
    const odd = { key: 'odd', last: 3, lastStep: 1, special: 'Infinity', specialSince: 2, min: 1, max: 3, count: 4 };
    expect(metrics).toEqual([odd, { key: 'recovered', last: 2, lastStep: 4, special: null, specialSince: null, min: 1, max: 2, count: 5 }]);
    expect(all).toEqual([{ key: 'broken', last: 0, lastStep: 0, special: 'NaN', specialSince: 0, min: 0, max: 0, count: 1 }]);
    const span = (special: string, fromStep: number, toStep: number) => ({ special, fromStep, toStep, count: toStep - fromStep + 1 });
    expect(series).toEqual([
      {
        total: 4,
        points: [
          { step: 0, mean: 1 },
          { step: 1, mean: 3 },
        ],
        specials: [span('NaN', 2, 2), span('Infinity', 3, 3)],
      },
      { total: 1, points: [], specials: [span('NaN', 0, 0)] },
      {
        total: 5,
        points: [
          { step: 0, mean: 1 },
          { step: 4, mean: 2 },
        ],
        specials: [span('NaN', 1, 2), span('-Infinity', 3, 3)],
      },
    ]);
    const { data } = await lab.ask('{ runs(filter: "metrics.broken > 0") { totalCount } }');
    expect(data.runs.totalCount).toBe(0);
  });

  it('lose no NaN among merged points, and take means of numbers as large as there are', async () => {
    const value = (step: number) => (step % 100 === 50 || step >= 900 ? Number.NaN : 1.7e308);
    await recordMetrics(
      lab.database.prisma,
      run,
      Array.from({ length: 1000 }, (_, step) => ({ key: 'huge', step, value: value(step) })),
    );
    const [huge] = (await askRun('series(keys: ["huge"], maxPoints: 10) { total points { mean max } specials { fromStep toStep count } }'))
      .series;
    expect(huge.total).toBe(1000);
    expect(huge.points).toEqual(Array(9).fill({ mean: 1.7e308, max: 1.7e308 }));
    expect(huge.specials).toEqual([{ fromStep: 50, toStep: 999, count: 109 }]);
  });

  it('tell NaN live', async () => {
    const { updates, end } = listen(lab, id);
    await updates.next();
    await recordMetrics(lab.database.prisma, run, [
      { key: 'live', step: 1, value: Number.NaN },
      { key: 'live', step: 2, value: 0.5 },
    ]);
    const { value } = await updates.next();
    expect(value.data.runUpdated).toEqual({
      points: [{ key: 'live', step: 2, value: 0.5 }],
      specials: [{ key: 'live', special: 'NaN', fromStep: 1 }],
    });
    await end();
  });
});

/** What a subscription to a run's metrics receives. */
function listen({ connect, member }: TestLab, id: string) {
  const client = connect(member);
  const query = `subscription ($id: ID!) { runUpdated(id: $id) {
    ... on MetricsLogged { points { key step value } specials { key special fromStep } } } }`;
  // biome-ignore lint/suspicious/noExplicitAny: the test knows what it asked for.
  const updates = client.iterate<any>({ query, variables: { id } });
  return { updates, end: async () => client.dispose() };
}

describe('the log', () => {
  it('is read in pieces', async () => {
    const lines = Array.from({ length: 250 }, (_, line) => ({ text: `line ${line}`, level: 'info' as const, at: new Date() }));
    await recordLines(lab.database.prisma, run, lines);
    const first = (await askRun('log { seq text level at }')).log;
    expect(first).toHaveLength(200);
    expect(first[0]).toMatchObject({ seq: 1, text: 'line 0', level: 'info' });
    const rest = (await askRun(`log(after: ${first.at(-1).seq}, first: 100) { text }`)).log;
    expect(rest).toHaveLength(50);
    expect(rest.at(-1)).toEqual({ text: 'line 249' });
  });
});

describe('scores and sweep', () => {
  it('rank modules in network order', async () => {
    const scores = { conv1: 0.5, 'layer1.0.conv1': 0.1, linear: 2 };
    for (const [position, [module, score]] of Object.entries(scores).entries()) {
      const losses = { robustLoss: 1, perturbedLoss: 1 + score, epsilon: 0.1, norm: 'LINF' as const, losses: [1.01, 1 + score] };
      await recordMrcScore(lab.database.prisma, run, { module, complete: true, score, ...losses }, position);
    }
    const { mrcScores } = await askRun('mrcScores { module score rank robustLoss perturbedLoss epsilon norm losses }');
    expect(mrcScores.map(({ module, rank }: { module: string; rank: number }) => [module, rank])).toEqual([
      ['conv1', 2],
      ['layer1.0.conv1', 1],
      ['linear', 3],
    ]);
    expect(mrcScores[2]).toEqual({
      module: 'linear',
      score: 2,
      rank: 3,
      robustLoss: 1,
      perturbedLoss: 3,
      epsilon: 0.1,
      norm: 'LINF',
      losses: [1.01, 3],
    });
  });

  it('select a point for any tolerance without running anything', async () => {
    await openSweep(lab.database.prisma, run, { baseId: null, tunedId: null, modules: ['conv1'] });
    expect((await askRun('sweep { selected { alpha } }')).sweep.selected).toBeNull();
    const curve = [
      [0, 0.8, 0.5],
      [0.5, 0.82, 0.4995],
      [0.7, 0.83, 0.48],
      [1, 0.84, 0.3],
    ] as const;
    for (const [alpha, standard, robust] of curve) {
      await recordSweepPoint(lab.database.prisma, run, { alpha, standard, robust, images: 1000, split: 'holdout' });
    }
    const { sweep } = await askRun(
      'sweep { id modules points { alpha } paper: selected { alpha } none: selected(tolerance: 0) { alpha } some: selected(tolerance: 0.02) { alpha standard split } all: selected(tolerance: 1) { alpha } }',
    );
    expect(sweep).toMatchObject({
      modules: ['conv1'],
      paper: { alpha: 0.5 },
      none: { alpha: 0 },
      some: { alpha: 0.7, standard: 0.83, split: 'holdout' },
      all: { alpha: 1 },
    });
    expect(sweep.points).toHaveLength(4);
    const node = await lab.ask('query ($id: ID!) { node(id: $id) { id ... on InterpolationSweep { modules } } }', { id: sweep.id });
    expect(node.data.node).toEqual({ id: sweep.id, modules: ['conv1'] });
    const { prisma } = lab.database;
    const { config } = await prisma.run.findUniqueOrThrow({ where: { id: run } });
    await prisma.run.update({ where: { id: run }, data: { config: { interpolation: { tolerance: 1 } } } });
    const own = await lab.ask(
      'query ($id: ID!, $left: Float) { run(id: $id) { sweep { own: selected { alpha } left: selected(tolerance: $left) { alpha } paper: selected(tolerance: 0.001) { alpha } } } }',
      { id },
    );
    expect(own.data.run.sweep).toEqual({ own: { alpha: 1 }, left: { alpha: 1 }, paper: { alpha: 0.5 } });
    await prisma.run.update({ where: { id: run }, data: { config: { interpolation: { tolerance: 0.02, until: 'SELECTED' } } } });
    const chosen = await askRun('sweep { selected { alpha } }');
    expect(chosen.sweep.selected).toEqual({ alpha: 0.7 });
    const other = await lab.ask('query ($id: ID!) { run(id: $id) { sweep { selected(tolerance: 0.1) { alpha } } } }', { id });
    expect(other.errors[0]).toMatchObject({
      message: expect.stringMatching(/only until the point for the tolerance 0.02/),
      extensions: { path: ['tolerance'] },
    });
    await prisma.run.update({ where: { id: run }, data: { config: config as object } });
    const suspect = { alpha: 0.6, standard: 0.99, robust: 0.7, images: 1000, split: 'holdout' as const };
    await recordSweepPoint(prisma, run, { ...suspect, trust: 'SUSPECT', findings: ['370 of 372 gradients are zero.'] });
    const { sweep: marked } = await askRun('sweep { points { alpha trust findings } selected(tolerance: 1) { alpha } }');
    expect(marked.selected).toEqual({ alpha: 1 });
    expect(marked.points[2]).toEqual({ alpha: 0.6, trust: 'SUSPECT', findings: ['370 of 372 gradients are zero.'] });
    const wrong = await lab.ask('query ($id: ID!) { run(id: $id) { sweep { selected(tolerance: 2) { alpha } } } }', { id });
    expect(wrong.errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['tolerance'] });
  });
});

const attack = { epsilon: 8 / 255 };
const standard = {
  suite: 'STANDARD' as const,
  dataset: 'cifar10',
  split: 'test' as const,
  images: 1000,
  protocol: 'standard; cifar10 test[0:1000]',
  fingerprint: fingerprintOf('standard'),
};
const adversarial = {
  ...standard,
  suite: 'ADVERSARIAL' as const,
  attack,
  protocol: 'adversarial: PGD; cifar10 test[0:1000]',
  fingerprint: fingerprintOf('adversarial: PGD; cifar10 test[0:1000]'),
};

describe('an entry for RobustBench', () => {
  const entryOf = async (checkpoint: string) => {
    const { data, errors } = await lab.ask(`{ checkpoint(id: "${checkpoint}") { robustBenchEntry } }`);
    expect(errors).toEqual([]);
    return data.checkpoint.robustBenchEntry;
  };

  it('has what was measured, in its format, and null for the rest', async () => {
    const checkpoint = await addCheckpoint(lab.database, 'WIDE_RESNET', 'cifar10', 'cifar10', { depth: 28, widenFactor: 4 });
    const empty = {
      ...{ link: null, name: 'WIDE_RESNET for cifar10', authors: null, additional_data: null, number_forward_passes: 1 },
      ...{ dataset: 'cifar10', venue: 'Unpublished', architecture: 'WideResNet-28-4' },
      ...{ eps: null, clean_acc: null, reported: null, autoattack_acc: null, unreliable: false },
    };
    expect(await entryOf(checkpoint)).toEqual(empty);
    const row = Number(checkpoint.slice('Checkpoint-'.length));
    const measuring = await addRun(lab.database, { data: { kind: 'EVALUATION' } });
    const auto = { name: 'AUTO_ATTACK', norm: 'linf', epsilon: 8 / 255, version: 'standard' };
    await recordEvaluation(lab.database.prisma, measuring, row, { ...standard, correct: 853 });
    await recordEvaluation(lab.database.prisma, measuring, row, { ...adversarial, correct: 600 });
    expect(await entryOf(checkpoint)).toMatchObject({ clean_acc: '85.30', autoattack_acc: null, eps: null });
    await recordEvaluation(lab.database.prisma, measuring, row, {
      ...adversarial,
      attack: auto,
      fingerprint: fingerprintOf('aa'),
      correct: 534,
    });
    expect(await entryOf(checkpoint)).toEqual({
      ...empty,
      ...{ clean_acc: '85.30', autoattack_acc: '53.40', eps: '8/255', footnote: 'Measured on 1000 of 10000 test images.' },
    });
  });
});

describe('evaluations', () => {
  it('have intervals and can be narrowed', async () => {
    const checkpoint = await addCheckpoint(lab.database, 'RESNET8', 'cifar10');
    const row = Number(checkpoint.slice('Checkpoint-'.length));
    await recordEvaluation(lab.database.prisma, run, row, { ...standard, correct: 800 });
    await recordEvaluation(lab.database.prisma, run, row, { ...adversarial, correct: 0, split: 'holdout' });
    const found = await askRun(
      'evaluations { suite accuracy low high attack checkpoint { id } run { id } } robust: evaluations(suite: ADVERSARIAL) { correct } test: evaluations(split: "test") { suite }',
    );
    expect(found.evaluations[0]).toMatchObject({
      suite: 'STANDARD',
      accuracy: 0.8,
      attack: null,
      checkpoint: { id: checkpoint },
      run: { id },
    });
    expect(found.evaluations[0].low).toBeCloseTo(0.7741, 4);
    expect(found.evaluations[0].high).toBeCloseTo(0.8236, 4);
    expect(found.evaluations[1]).toMatchObject({ accuracy: 0, low: 0, attack });
    expect(found.robust).toEqual([{ correct: 0 }]);
    expect(found.test).toEqual([{ suite: 'STANDARD' }]);
    const of = await lab.ask(
      'query ($id: ID!) { checkpoint(id: $id) { evaluations(suite: STANDARD) { correct } modules { name shape parameters norm } url base { id } changedModules } }',
      { id: checkpoint },
    );
    expect(of.data.checkpoint).toMatchObject({
      evaluations: [{ correct: 800 }],
      url: `/api/checkpoints/${checkpoint}`,
      base: null,
      changedModules: [],
    });
    expect(of.data.checkpoint.modules[0]).toEqual({ name: 'conv1', shape: [16, 3, 3, 3], parameters: 432, norm: 1 });
  });
});

describe('two checkpoints', () => {
  const compare = async (first: string, second: string, suite = 'STANDARD') =>
    lab.ask(
      'query ($first: ID!, $second: ID!, $suite: Suite!) { compareCheckpoints(first: $first, second: $second, suite: $suite) { images onlyFirst onlySecond difference low high pValue fingerprint } }',
      { first, second, suite },
    );
  const flags = (text: string) => Uint8Array.from(text, Number);

  it('are compared image by image where they were measured the same way', async () => {
    const first = await addCheckpoint(lab.database, 'RESNET8', 'cifar10');
    const second = await addCheckpoint(lab.database, 'RESNET8', 'cifar10');
    const measure = (checkpoint: string, outcomes: string, changes: object = {}) => {
      const correct = flags(outcomes).reduce((sum, flag) => sum + flag, 0);
      const row = Number(checkpoint.slice('Checkpoint-'.length));
      const result = { ...standard, images: outcomes.length, correct, outcomes: flags(outcomes), ...changes };
      return recordEvaluation(lab.database.prisma, run, row, result);
    };
    await measure(first, '111111000011');
    await measure(second, '000000111111', { fingerprint: fingerprintOf('other images') });
    expect((await compare(first, second)).data.compareCheckpoints).toBeNull();
    await measure(second, '110000111111', { fingerprint: standard.fingerprint });
    const { data } = await compare(first, second);
    expect(data.compareCheckpoints).toMatchObject({ images: 12, onlyFirst: 4, onlySecond: 4, difference: 0, pValue: 1 });
    expect(data.compareCheckpoints.fingerprint).toBe(standard.fingerprint);
    expect(data.compareCheckpoints.low).toBeCloseTo(-data.compareCheckpoints.high, 12);
    expect((await compare(first, second, 'ADVERSARIAL')).data.compareCheckpoints).toBeNull();
    const { data: read } = await lab.ask(
      'query ($id: ID!) { checkpoint(id: $id) { evaluations { outcomes fingerprint trust findings } } }',
      {
        id: first,
      },
    );
    expect(read.checkpoint.evaluations).toEqual([
      { outcomes: '111111000011', fingerprint: standard.fingerprint, trust: 'UNCHECKED', findings: [] },
    ]);
  });

  it('are compared out of distribution over every corruption that both were measured under', async () => {
    const first = await addCheckpoint(lab.database, 'RESNET8', 'cifar10');
    const second = await addCheckpoint(lab.database, 'RESNET8', 'cifar10');
    const measure = (checkpoint: string, corruption: string, outcomes: string, severity = 1) =>
      recordEvaluation(lab.database.prisma, run, Number(checkpoint.slice('Checkpoint-'.length)), {
        ...{ ...standard, suite: 'OOD', corruption, severity, images: outcomes.length, outcomes: flags(outcomes) },
        correct: flags(outcomes).reduce((sum, flag) => sum + flag, 0),
        fingerprint: fingerprintOf(`${corruption} ${severity} ${outcomes.length}`),
      });
    await measure(first, 'fog', '1100');
    await measure(first, 'frost', '1000');
    await measure(first, 'snow', '1111');
    await measure(first, 'fog', '00', 2);
    await measure(second, 'fog', '1011');
    await measure(second, 'frost', '0010');
    const { data } = await compare(first, second, 'OOD');
    // Image by image, of two: 2, 1, 0, 0 right before, 1, 0, 2, 1 after.
    expect(data.compareCheckpoints).toMatchObject({ images: 4, onlyFirst: 2, onlySecond: 2, difference: 0.125, pValue: 1 });
    const swapped = (await compare(second, first, 'OOD')).data.compareCheckpoints;
    expect(swapped).toMatchObject({ difference: -0.125, fingerprint: data.compareCheckpoints.fingerprint });
    expect(swapped.low).toBeCloseTo(-data.compareCheckpoints.high, 12);
  });

  it('are named where one is unknown', async () => {
    const known = await addCheckpoint(lab.database, 'RESNET8', 'cifar10');
    expect((await compare(known, 'Checkpoint-999999')).errors[0]?.extensions).toMatchObject({ code: 'NOT_FOUND', path: ['second'] });
    expect((await compare('Run-1', known)).errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['first'] });
  });
});

describe('the leaderboard', () => {
  const query = `query ($architecture: String, $protocol: String, $published: Boolean) {
    leaderboard(dataset: "CIFAR-10", architecture: $architecture, protocol: $protocol, includePublished: $published) {
      dataset protocols rows { rank architecture variant published source run { id } base { standard robust ood images checkpoint { id } } rift { standard robust checkpoint { id } } deltaStandard deltaRobust deltaOod protocol }
    }
  }`;
  const read = async (variables: object = {}) => {
    const { data, errors } = await lab.ask(query, variables);
    expect(errors).toEqual([]);
    return data.leaderboard;
  };

  /** A finished RiFT run: [standard, robust] correct of 1,000 before and after; null leaves the robust one out. */
  async function finished(before: [number, number], after: [number, number] | null, protocol = adversarial.protocol, config: object = {}) {
    const { prisma } = lab.database;
    const made = await addRun(lab.database, { data: { kind: after ? 'RIFT' : 'TRAINING', state: 'FINISHED', config } });
    const measure = async (label: string, [clean, robust]: [number, number], robustProtocol: string) => {
      const checkpointId = Number((await addCheckpoint(lab.database, 'RESNET8', 'cifar10')).slice('Checkpoint-'.length));
      await prisma.runCheckpoint.create({ data: { runId: made, checkpointId, role: 'OUTPUT', label } });
      await recordEvaluation(prisma, made, checkpointId, { ...standard, correct: clean });
      await recordEvaluation(prisma, made, checkpointId, {
        ...adversarial,
        protocol: robustProtocol,
        fingerprint: fingerprintOf(robustProtocol),
        correct: robust,
      });
    };
    await measure('trained', before, adversarial.protocol);
    if (after) await measure('selected', after, protocol);
    return `Run-${made}`;
  }

  it('compares what was measured the same way, beside the paper', async () => {
    const best = await finished([800, 500], [820, 501]);
    const alone = await finished([700, 450], null);
    const unlike = await finished([600, 400], [650, 420], 'another protocol');
    const paper = await finished([800, 500], [810, 500], adversarial.protocol, { protocol: 'PAPER' });
    const descended = await finished([790, 400], [800, 410]);
    await lab.database.prisma.checkpoint.updateMany({
      where: { runs: { some: { runId: Number(descended.slice('Run-'.length)) } } },
      data: { chosenOn: ['test', 'holdout'] },
    });

    const own = await read({ published: false });
    expect(own.dataset).toBe('cifar10');
    expect(own.protocols).toEqual([`chosen on holdout; ${adversarial.protocol}`, `chosen on test; ${adversarial.protocol}`]);
    const rows = own.rows.map((row: { rank: number; run: { id: string }; rift: object | null }) => [
      row.rank,
      row.run.id,
      row.rift !== null,
    ]);
    expect(rows).toEqual([
      [1, best, true],
      [2, alone, false],
      [3, unlike, false],
      [1, paper, true],
      [2, descended, true],
    ]);
    expect(own.rows[0]).toMatchObject({
      architecture: 'RESNET8',
      variant: 'PGD_AT',
      published: false,
      source: null,
      base: { standard: 0.8, robust: 0.5, images: 1000 },
      rift: { standard: 0.82, robust: 0.501 },
      deltaOod: null,
    });
    expect(own.rows[0].deltaStandard).toBeCloseTo(0.02, 10);
    expect(own.rows[0].deltaRobust).toBeCloseTo(0.001, 10);
    expect((await read({ protocol: own.protocols[1] })).rows).toHaveLength(2);
  });

  it('says whether a difference is more than chance, and takes no suspect number as better', async () => {
    const { prisma } = lab.database;
    const dataset = 'mnist';
    const flags = (right: number) => Uint8Array.from({ length: 300 }, (_, image) => (image < right ? 1 : 0));
    const board = async () => {
      const { data, errors } = await lab.ask(
        '{ leaderboard(dataset: "MNIST") { total protocols rows { rank run { id } base { robust trust findings } rift { robust trust findings } deltaRobust pairedStandard { onlyFirst onlySecond pValue low high } pairedRobust { onlyFirst onlySecond pValue low high } } } }',
      );
      expect(errors).toEqual([]);
      return data.leaderboard;
    };
    const rift = async (robust: [number, number], changes: object = {}) => {
      const made = await addRun(lab.database, { data: { kind: 'RIFT', state: 'FINISHED', seed: robust[1] } });
      for (const [index, label] of ['trained', 'selected'].entries()) {
        const checkpointId = Number((await addCheckpoint(lab.database, 'SMALL_CNN', dataset)).slice('Checkpoint-'.length));
        await prisma.runCheckpoint.create({ data: { runId: made, checkpointId, role: 'OUTPUT', label } });
        const right = robust[index] as number;
        const common = { dataset, images: 300, correct: right, outcomes: flags(right) };
        await recordEvaluation(prisma, made, checkpointId, { ...standard, ...common });
        await recordEvaluation(prisma, made, checkpointId, { ...adversarial, ...common, ...(label === 'selected' && changes) });
      }
      return `Run-${made}`;
    };
    const byOne = await rift([200, 201]);
    const byMany = await rift([200, 230]);
    const hidden = await rift([200, 290], { trust: 'SUSPECT', findings: ['370 of 372 gradients are zero.'] });
    const { rows, total, protocols } = await board();
    expect(protocols).toHaveLength(1);
    expect(total).toBe(3);
    expect(rows.map((row: { rank: number; run: { id: string } }) => [row.rank, row.run.id])).toEqual([
      [1, byMany],
      [2, byOne],
      [3, hidden],
    ]);
    expect(rows[2].rift).toEqual({ robust: 290 / 300, trust: 'SUSPECT', findings: ['370 of 372 gradients are zero.'] });
    expect(rows[0].rift.trust).toBe('UNCHECKED');
    expect(rows[1].pairedRobust).toMatchObject({ onlyFirst: 0, onlySecond: 1, pValue: 1 });
    expect(rows[1].pairedRobust.low).toBeLessThan(0);
    expect(rows[0].pairedRobust.pValue).toBeLessThan(1e-6);
    expect(rows[0].pairedRobust.low).toBeGreaterThan(0);
  });

  it('counts every run, however many there are, and lists the best', async () => {
    const { prisma, pool } = lab.database;
    const checkpointId = Number((await addCheckpoint(lab.database, 'RESNET8', 'cifar10')).slice('Checkpoint-'.length));
    const first = await addRun(lab.database, { data: { kind: 'TRAINING', state: 'FINISHED' } });
    const { projectId } = await prisma.run.findUniqueOrThrow({ where: { id: first } });
    await prisma.run.createMany({
      data: Array.from({ length: 1100 }, (_, index) => ({
        projectId,
        name: `many ${index}`,
        kind: 'TRAINING' as const,
        state: 'FINISHED' as const,
        config: {},
      })),
    });
    await pool.query(
      `INSERT INTO "RunCheckpoint" ("runId", "checkpointId", "role", "label")
       SELECT "id", $1, 'OUTPUT', 'trained' FROM "Run" WHERE "name" LIKE 'many %'`,
      [checkpointId],
    );
    await pool.query(
      `INSERT INTO "Evaluation" ("runId", "checkpointId", "suite", "dataset", "split", "images", "correct", "protocol", "fingerprint")
       SELECT "id", $1, 'STANDARD', 'many', 'test', 2000, 2000 - split_part("name", ' ', 2)::int, 'p', $2 FROM "Run" WHERE "name" LIKE 'many %'`,
      [checkpointId, fingerprintOf('p')],
    );
    const { data } = await lab.ask('{ leaderboard(dataset: "many") { total rows { rank run { name } } } }');
    expect(data.leaderboard.total).toBe(1100);
    expect(data.leaderboard.rows).toHaveLength(1000);
    expect(data.leaderboard.rows[0]).toEqual({ rank: 1, run: { name: 'many 0' } });
    expect(data.leaderboard.rows[999]).toEqual({ rank: 1000, run: { name: 'many 999' } });
  });

  it('has the mean of the newest accuracies on corrupted images, and what is the matter with any of them', async () => {
    const { prisma } = lab.database;
    const made = await addRun(lab.database, { data: { kind: 'TRAINING', state: 'FINISHED' } });
    const checkpointId = Number((await addCheckpoint(lab.database, 'RESNET8', 'cifar10')).slice('Checkpoint-'.length));
    await prisma.runCheckpoint.create({ data: { runId: made, checkpointId, role: 'OUTPUT', label: 'trained' } });
    const dataset = 'corrupted';
    await recordEvaluation(prisma, made, checkpointId, { ...standard, dataset, correct: 950 });
    const cell = (corruption: string, severity: number, correct: number, changes: object = {}) => {
      const protocol = `${corruption} ${severity} of ${correct}, corruption computed here`;
      const measured = { suite: 'OOD' as const, dataset, corruption, severity, correct, protocol, fingerprint: fingerprintOf(protocol) };
      return recordEvaluation(prisma, made, checkpointId, { ...standard, ...measured, ...changes });
    };
    const board = async () => {
      const { data, errors } = await lab.ask(
        `{ leaderboard(dataset: "${dataset}") { rows { protocol base { ood trust findings } pairedOod { images } } } }`,
      );
      expect(errors).toEqual([]);
      return data.leaderboard.rows[0];
    };
    expect((await board()).base.ood).toBeNull();
    await cell('fog', 1, 900);
    expect((await board()).base).toEqual({ ood: 0.9, trust: 'UNCHECKED', findings: [] });
    await cell('fog', 1, 600);
    await cell('fog', 5, 300, { protocol: 'as a script logged it', trust: 'SUSPECT', findings: ['Nothing fits.', 'Something else.'] });
    await cell('snow', 1, 300, { trust: 'SUSPECT', findings: ['Nothing fits.'] });
    const { protocol, base } = await board();
    expect(base).toEqual({ ood: expect.closeTo(0.4, 12), trust: 'SUSPECT', findings: ['Nothing fits.', 'Something else.'] });
    expect(protocol).toMatch(/; OOD: 2 corruptions at severity 1, 5, corruption as logged and corruption computed here$/);
  });

  it('has weights that were measured by themselves, once under a protocol, with what they come from', async () => {
    const { prisma } = lab.database;
    const dataset = 'imported';
    const add = async (changes: Partial<{ trainedHere: boolean; baseId: number; chosenOn: string[] }> = {}) => {
      const id = Number((await addCheckpoint(lab.database, 'RESNET8', 'cifar10')).slice('Checkpoint-'.length));
      await prisma.checkpoint.update({ where: { id }, data: { trainedHere: false, ...changes } });
      return id;
    };
    const measure = async (
      checkpointId: number,
      right: number,
      protocol = adversarial.protocol,
      kind: 'EVALUATION' | 'TRAINING' = 'EVALUATION',
    ) => {
      const run = await addRun(lab.database, { name: `of ${checkpointId}`, data: { kind, state: 'FINISHED' } });
      const label = kind === 'EVALUATION' ? 'base' : 'trained';
      await prisma.runCheckpoint.create({ data: { runId: run, checkpointId, role: kind === 'EVALUATION' ? 'INPUT' : 'OUTPUT', label } });
      const how = { ...adversarial, dataset, protocol, fingerprint: fingerprintOf(protocol), correct: right };
      await recordEvaluation(prisma, run, checkpointId, how);
    };
    const board = async () => {
      const { data, errors } = await lab.ask(
        `{ leaderboard(dataset: "${dataset}") { rows { rank protocol run { kind } base { robust checkpoint { id } } rift { robust checkpoint { id } } } } }`,
      );
      expect(errors).toEqual([]);
      type Cell = { robust: number; checkpoint: { id: string } } | null;
      return data.leaderboard.rows.map(
        ({
          rank,
          protocol,
          run,
          base,
          rift,
        }: Record<'base' | 'rift', Cell> & { rank: number; protocol: string; run: { kind: string } }) => [
          rank,
          protocol.split(';')[0],
          run.kind,
          ...[base, rift].map((cell) => cell && `${cell.checkpoint.id.slice('Checkpoint-'.length)}: ${cell.robust}`),
        ],
      );
    };

    const imported = await add();
    await measure(imported, 300);
    await measure(imported, 310);
    await measure(imported, 200, 'another protocol');
    const trained = await add({ trainedHere: true });
    await measure(trained, 400, adversarial.protocol, 'TRAINING');
    await measure(trained, 401);
    expect(await board()).toEqual([
      [1, 'chosen elsewhere', 'EVALUATION', `${imported}: 0.31`, null],
      [1, 'chosen elsewhere', 'EVALUATION', `${imported}: 0.2`, null],
      [1, 'chosen on holdout', 'TRAINING', `${trained}: 0.4`, null],
    ]);

    const tuned = await add({ baseId: imported, chosenOn: ['holdout'] });
    await measure(tuned, 305);
    const ofTrained = await add({ trainedHere: true, baseId: trained, chosenOn: ['test'] });
    await measure(ofTrained, 402);
    const lost = await add({ baseId: tuned, chosenOn: ['holdout'] });
    await measure(lost, 100, 'a third protocol');
    expect(await board()).toEqual([
      [1, 'chosen elsewhere', 'EVALUATION', `${imported}: 0.2`, null],
      [1, 'chosen on holdout', 'EVALUATION', `${lost}: 0.1`, null],
      [1, 'chosen on holdout', 'TRAINING', `${trained}: 0.4`, null],
      [2, 'chosen on holdout', 'EVALUATION', `${imported}: 0.31`, `${tuned}: 0.305`],
      [1, 'chosen on test', 'EVALUATION', `${trained}: 0.4`, `${ofTrained}: 0.402`],
    ]);
  });

  it('says which network a row is of, with its options', async () => {
    const { prisma } = lab.database;
    const checkpoint = await addCheckpoint(lab.database, 'RESNET_CIFAR', 'cifar10', 'cifar10', { depth: 44 });
    const checkpointId = Number(checkpoint.slice('Checkpoint-'.length));
    const run = await addRun(lab.database, { name: 'deep', data: { kind: 'EVALUATION', state: 'FINISHED' } });
    await prisma.runCheckpoint.create({ data: { runId: run, checkpointId, role: 'INPUT', label: 'base' } });
    await recordEvaluation(prisma, run, checkpointId, { ...adversarial, dataset: 'named', correct: 3 });
    const { data } = await lab.ask('{ leaderboard(dataset: "named") { rows { architecture network } } }');
    expect(data.leaderboard.rows).toEqual([{ architecture: 'RESNET_CIFAR', network: 'ResNet-44 (CIFAR)' }]);
    const published = await lab.ask('{ leaderboard(dataset: "CIFAR-100", architecture: "RESNET18") { rows { network } } }');
    expect(published.data.leaderboard.rows[0]).toEqual({ network: 'ResNet18' });
  });

  it('says of the paper’s Tiny-ImageNet which severity its code measures', async () => {
    const { data } = await lab.ask('{ leaderboard(dataset: "Tiny-ImageNet") { rows { protocol } } }');
    for (const { protocol } of data.leaderboard.rows) expect(protocol).toContain('ood: mean of 15 corruptions at severity 1;');
    expect(data.leaderboard.rows).toHaveLength(3);
  });

  it('has the paper’s numbers as fractions', async () => {
    const { protocols } = await read({ architecture: 'ResNet18' });
    const protocol = protocols.find((one: string) => one.includes('mean of 3 seeds'));
    const { rows } = await read({ architecture: 'ResNet18', protocol });
    expect(rows.every(({ published }: { published: boolean }) => published)).toBe(true);
    const table1 = rows.find(({ variant }: { variant: string }) => variant === 'PGD_AT');
    expect(table1).toMatchObject({
      source: 'Zhu et al., ICCV 2023, table 1',
      run: null,
      base: { standard: 0.8146, ood: 0.7356, robust: 0.5363 },
      rift: { standard: 0.8344, robust: 0.5365 },
    });
    expect(table1.deltaOod).toBeCloseTo(0.0213, 10);
    expect(rows.map(({ variant }: { variant: string }) => variant).sort()).toEqual(['AWP', 'MART', 'PGD_AT', 'SCORE', 'TRADES']);
    expect(rows.map(({ rank }: { rank: number }) => rank)).toEqual([1, 2, 3, 4, 5]);
  });

  it('has the entries of RobustBench, each under its own protocol and only when asked for', async () => {
    const board = async (dataset: string, includePublished = true) => {
      const { data, errors } = await lab.ask(
        `{ leaderboard(dataset: "${dataset}", includePublished: ${includePublished}) {
          rows { rank architecture variant source link protocol base { standard ood robust trust findings } rift { robust } } } }`,
      );
      expect(errors).toEqual([]);
      return data.leaderboard.rows.filter(({ source }: { source: string | null }) => source?.startsWith('RobustBench'));
    };
    const [ten, hundred] = [await board('cifar10'), await board('cifar100')];
    expect(ten.length + hundred.length).toBe(194);
    expect(await board('cifar10', false)).toEqual([]);
    expect([...new Set(ten.map(({ protocol }: { protocol: string }) => protocol))]).toEqual([
      'published: RobustBench; adversarial: AutoAttack linf eps=8/255; whole test split',
      'published: RobustBench; adversarial: AutoAttack linf eps=0.031; whole test split',
      'published: RobustBench; adversarial: AutoAttack l2 eps=0.5; whole test split',
      'published: RobustBench; ood: mean of 15 corruptions at 5 severities; whole test split',
    ]);
    const linf = ten.filter(({ protocol }: { protocol: string }) => protocol.includes('AutoAttack linf eps=8/255'));
    expect(linf).toHaveLength(93);
    expect(linf[0]).toMatchObject({ rank: 1, rift: null, base: { trust: 'UNCHECKED', findings: [] } });
    const find = (id: string) => linf.find(({ source }: { source: string }) => source.startsWith(`RobustBench: ${id},`));
    expect(find('Rice2020Overfitting')).toMatchObject({
      architecture: 'WideResNet-34-20',
      variant: 'without extra data',
      link: 'https://arxiv.org/abs/2002.11569',
      base: { standard: 0.8534, robust: 0.5342, ood: null },
    });
    expect(find('Carmon2019Unlabeled')).toMatchObject({ architecture: 'WRN28_10', variant: 'with extra data' });
    expect(find('Kang2021Stable').base).toMatchObject({
      robust: 0.7128,
      trust: 'SUSPECT',
      findings: ['An evaluation by others found 64.2 %, AutoAttack 71.28 %.', 'RobustBench marks it as unreliable.'],
    });
    const corrupted = ten.filter(({ protocol }: { protocol: string }) => protocol.includes('15 corruptions at 5 severities'));
    expect(corrupted).toHaveLength(23);
    expect(corrupted.map(({ base }: { base: { ood: number } }) => base.ood)).toEqual(
      corrupted.map(({ base }: { base: { ood: number } }) => base.ood).toSorted((one: number, other: number) => other - one),
    );
  });
});

describe('a checkpoint', () => {
  let sha256: string;
  let bytes: Buffer;
  let address: string;

  beforeAll(async () => {
    const head = JSON.stringify({ 'conv1.weight': { dtype: 'F32', shape: [2, 1, 8, 8], data_offsets: [0, 512] } });
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(head.length));
    bytes = Buffer.concat([length, Buffer.from(head), Buffer.from(Float32Array.from({ length: 128 }, (_, index) => index).buffer)]);
    const file = join(lab.artifacts.folder, 'given.safetensors');
    await writeFile(file, bytes);
    sha256 = createHash('sha256').update(bytes).digest('hex');
    const about = { name: 'given', architecture: 'SMALL_CNN', dataset: null, variant: null, trainedHere: false, producedBy: run };
    const row = await recordCheckpoint(lab.database.prisma, await keepWeights(lab.artifacts, file), about);
    await lab.database.prisma.runCheckpoint.create({ data: { runId: run, checkpointId: row, role: 'OUTPUT', label: 'trained' } });
    expect((await openCheckpoint(lab.database.prisma, lab.artifacts, row))?.sha256).toBe(sha256);
    const { artifacts } = await askRun('artifacts { name sha256 bytes url }');
    expect(artifacts).toEqual([{ name: 'trained.safetensors', sha256, bytes: bytes.length, url: `/api/checkpoints/Checkpoint-${row}` }]);
    address = lab.address + artifacts[0].url;
  });

  const download = (headers: Record<string, string> = {}, method = 'GET') =>
    fetch(address, { method, headers: { authorization: `Bearer ${lab.viewer}`, ...headers } });

  it('downloads whole, for those signed in', async () => {
    const response = await download();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      etag: `"${sha256}"`,
      'accept-ranges': 'bytes',
      'content-length': String(bytes.length),
      'content-disposition': expect.stringMatching(/\.safetensors"$/),
    });
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    expect((await fetch(address)).status).toBe(401);
    expect((await fetch(address, { headers: { authorization: 'Bearer nonsense' } })).status).toBe(401);
    const byHash = await fetch(`${lab.address}/api/checkpoints/${sha256}`, { headers: { authorization: `Bearer ${lab.viewer}` } });
    expect(byHash.status).toBe(200);
    await byHash.arrayBuffer();
    const head = await download({}, 'HEAD');
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, String(bytes.length), '']);
  });

  it.each<[string, number, number, number]>([
    ['bytes=0-9', 206, 0, 10],
    ['bytes=100-', 206, 100, -1],
    ['bytes=-16', 206, -16, -1],
    ['bytes=100-999999', 206, 100, -1],
    ['bytes=0-1,5-6', 200, 0, -1],
    ['lines=1-2', 200, 0, -1],
  ])('goes on from any byte: %s', async (range, status, from, to) => {
    const response = await download({ range });
    expect(response.status).toBe(status);
    const expected = bytes.subarray(from, to < 0 ? undefined : to);
    expect(Buffer.from(await response.arrayBuffer()).equals(expected)).toBe(true);
    if (status === 206) {
      const start = from < 0 ? bytes.length + from : from;
      expect(response.headers.get('content-range')).toBe(`bytes ${start}-${start + expected.length - 1}/${bytes.length}`);
    }
  });

  it('is refused, named and marked while its stored file is another, and comes back with it', async () => {
    const path = await lab.artifacts.locate(sha256);
    const flipped = Buffer.from(bytes);
    flipped[300] = (flipped[300] as number) ^ 4;
    await writeFile(path, flipped);
    const file = `${sha256.slice(0, 2)}/${sha256.slice(2)} is damaged`;
    for (const headers of [{}, { range: 'bytes=0-9' }] as Record<string, string>[]) {
      const refused = await download(headers);
      expect(refused.status).toBe(500);
      expect(((await refused.json()) as { message: string }).message).toContain(file);
    }
    const checkpoint = address.slice(address.lastIndexOf('/') + 1);
    const damage = async () =>
      (await lab.ask('query ($id: ID!) { checkpoint(id: $id) { damage } }', { id: checkpoint })).data.checkpoint.damage;
    expect(await damage()).toContain(file);
    const input = { project: 'p', checkpoint, dataset: 'mnist', evaluation: {} };
    const { errors } = await lab.ask('mutation ($input: StartEvaluationInput!) { startEvaluation(input: $input) { id } }', { input });
    expect(errors[0]).toMatchObject({
      message: expect.stringContaining(file),
      extensions: { code: 'CONFLICT', path: ['input', 'checkpoint'] },
    });
    await writeFile(path, bytes);
    expect((await download()).status).toBe(200);
    expect(await damage()).toBeNull();
  });

  it('answers conditions and impossible wishes', async () => {
    expect((await download({ 'if-none-match': `"${sha256}"` })).status).toBe(304);
    const changed = await download({ range: 'bytes=0-9', 'if-range': '"other"' });
    expect([changed.status, (await changed.arrayBuffer()).byteLength]).toEqual([200, bytes.length]);
    const beyond = await download({ range: 'bytes=999999-' });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${bytes.length}`]);
    const get = async (path: string) =>
      (await fetch(`${lab.address}/api/checkpoints/${path}`, { headers: { authorization: `Bearer ${lab.viewer}` } })).status;
    for (const path of ['Checkpoint-99999', 'Run-1', 'nonsense', '..%2F..%2Fetc%2Fpasswd', 'f'.repeat(64)])
      expect(await get(path)).toBe(404);
  });
});
