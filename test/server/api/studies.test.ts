/** Studies: what a grid unrolls to, what is refused, how runs share a training. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLab, type TestLab } from './lab.ts';
import { addCheckpoint, fingerprintOf } from './records.ts';
import { numberOf, readStudy, selections, startStudy, tiny, training } from './small-study.ts';

let lab: TestLab;
let checkpoint: string;

beforeAll(async () => {
  lab = await startLab();
  await lab.ask('mutation { createProject(input: { name: "p" }) { id } }');
  checkpoint = await addCheckpoint(lab.database, 'RESNET8', 'mnist');
});
afterAll(() => lab.close());

const start = (input: object, selection = 'id', token = lab.member) => startStudy(lab, input, selection, token);
const study = (id: string, selection: string) => readStudy(lab, id, selection);

const turn = (name: string, id: string, selection = 'state paused') =>
  lab.ask(`mutation ($id: ID!) { ${name}(id: $id) { ${selection} } }`, { id }, lab.member);

/** Runs that have something in the queue. */
async function queued(): Promise<string[]> {
  const { rows } = await lab.database.pool.query(
    `SELECT DISTINCT data->>'run' AS run FROM pgboss.job WHERE state IN ('created', 'active', 'retry')`,
  );
  return rows.map(({ run }) => `Run-${run}`);
}

interface RunNode {
  id: string;
  name: string;
  state: string;
  seed: number;
  config: Record<string, never>;
  tags: { key: string; value: string }[];
}

describe('a study', () => {
  it('unrolls its grid into runs, of which those with the same training share it', async () => {
    const { data, errors } = await start(
      { name: 'parts', preset: 'TABLE_3', base: tiny, grid: selections, seeds: [0, 7] },
      'id name preset state paused scale seeds progress { done total unit fraction } runs { totalCount nodes { id name state seed config tags { key value } } } rows { cell published runs { seed } standard { mean } scale }',
    );
    expect(errors).toEqual([]);
    const made = data.startStudy;
    expect(made).toMatchObject({ name: 'parts', preset: 'TABLE_3', state: 'QUEUED', paused: false, scale: 1, seeds: [0, 7] });
    expect(made.progress).toEqual({ done: 0, total: 4, unit: 'runs', fraction: 0 });
    expect(made.runs.totalCount).toBe(4);
    const runs: RunNode[] = made.runs.nodes;
    expect(runs.map(({ name }) => name)).toEqual([
      'parts, LAST, seed 0',
      'parts, LAST, seed 7',
      'parts, NON_ROBUST_CRITICAL, seed 0',
      'parts, NON_ROBUST_CRITICAL, seed 7',
    ]);
    expect(runs[2]?.tags).toEqual([{ key: 'study', value: 'parts' }]);
    expect(runs[2]?.config).toMatchObject({
      ...{ protocol: 'PAPER', seed: 0, fineTune: { select: 'NON_ROBUST_CRITICAL', epochs: 1, batchNorm: 'UPDATE' } },
      evaluation: { images: 32, rule: 'LAST_STEP', attack: { restarts: 3 } },
    });
    const waiting = await queued();
    expect(runs.map(({ id }) => waiting.includes(id))).toEqual([true, true, false, false]);
    expect(made.rows).toMatchObject([
      { cell: { 'fineTune.select': 'LAST' }, runs: [{ seed: 0 }, { seed: 7 }], standard: null, scale: 1 },
      {
        cell: { 'fineTune.select': 'NON_ROBUST_CRITICAL' },
        published: { architecture: 'RESNET18', rift: { standard: 0.8344, robust: 0.5365 } },
      },
    ]);
    const listed = await lab.ask('{ studies(project: "p", first: 1) { nodes { id name } pageInfo { hasNextPage } } }');
    expect(listed.data.studies).toEqual({ nodes: [{ id: made.id, name: 'parts' }], pageInfo: { hasNextPage: false } });
    expect((await lab.ask('query ($id: ID!) { node(id: $id) { ... on Study { name } } }', { id: made.id })).data.node).toEqual({
      name: 'parts',
    });
    expect((await turn('pauseStudy', made.id)).data.pauseStudy).toEqual({ state: 'CANCELLED', paused: true });
  });

  it('is paused and resumed: nothing of it is in the queue meanwhile, and trainings stay shared', async () => {
    const { data } = await start({ base: tiny, grid: selections }, 'id runs { nodes { id } }');
    const { id, runs } = data.startStudy;
    const ids: string[] = runs.nodes.map((run: RunNode) => run.id);
    const inQueue = async () => (await queued()).filter((run) => ids.includes(run));
    expect(await inQueue()).toEqual([ids[0]]);
    expect((await turn('pauseStudy', id)).data.pauseStudy).toEqual({ state: 'CANCELLED', paused: true });
    expect(await inQueue()).toEqual([]);
    const extended = await lab.ask('mutation ($id: ID!) { extendStudy(id: $id, seeds: [1]) { id } }', { id });
    expect(extended.errors).toMatchObject([{ extensions: { code: 'CONFLICT', path: ['id'] } }]);
    expect((await turn('resumeStudy', id)).data.resumeStudy).toEqual({ state: 'QUEUED', paused: false });
    expect(await inQueue()).toEqual([ids[0]]);
    const again = await turn('resumeStudy', id);
    expect(again.errors).toMatchObject([{ extensions: { code: 'CONFLICT', path: ['id'] } }]);
    await turn('pauseStudy', id);
  });

  it('has one protocol in a mean: runs of a cell that were set or measured otherwise are counted and left out', async () => {
    const input = { preset: 'TABLE_1', base: tiny, grid: { 'model.training.architecture': ['SMALL_CNN'] }, seeds: [0, 1, 2, 3, 4] };
    const { data, errors } = await start(input, 'id runs { nodes { id } }');
    expect(errors).toEqual([]);
    const { id, runs } = data.startStudy;
    await turn('pauseStudy', id);
    const { prisma } = lab.database;
    const finish = async (index: number, standard: number, protocol: string, change: object = {}) => {
      const runId = numberOf(runs.nodes[index].id);
      const { config } = await prisma.run.findUniqueOrThrow({ where: { id: runId } });
      await prisma.run.update({ where: { id: runId }, data: { state: 'FINISHED', config: { ...(config as object), ...change } } });
      const { id: keyId } = await prisma.metricKey.upsert({ where: { name: 'standard' }, update: {}, create: { name: 'standard' } });
      await prisma.metricSummary.create({ data: { runId, keyId, last: standard, lastStep: 1, min: standard, max: standard, count: 1 } });
      const counted = { images: 32, correct: 1, split: 'test', dataset: 'mnist', protocol, fingerprint: fingerprintOf(protocol) };
      await prisma.evaluation.create({ data: { ...counted, runId, suite: 'STANDARD', checkpointId: numberOf(checkpoint) } });
    };
    const row = async () => (await study(id, 'rows { unlike images standard { mean seeds } }')).rows[0];
    await finish(0, 0.5, 'of old');
    await finish(1, 0.6, 'of old', { seed: 1, name: 'another' });
    expect(await row()).toEqual({ unlike: 0, images: 32, standard: { mean: expect.closeTo(0.55, 9), seeds: 2 } });
    await finish(2, 0.9, 'of another content');
    expect(await row()).toMatchObject({ unlike: 1, standard: { mean: expect.closeTo(0.55, 9), seeds: 2 } });
    await finish(3, 0.8, 'of another content');
    expect(await row()).toMatchObject({ unlike: 2, standard: { mean: expect.closeTo(0.85, 9), seeds: 2 } });
    await finish(4, 0.1, 'of old', { evaluation: { ...tiny.evaluation, rule: 'LAST_STEP', severities: [1] } });
    expect(await row()).toMatchObject({ unlike: 3, standard: { mean: expect.closeTo(0.85, 9), seeds: 2 } });
  });

  it('goes on when the run that trains for others is cancelled or deleted', async () => {
    const { data } = await start(
      { base: tiny, grid: { 'fineTune.select': ['LAST', 'ALL', 'NON_ROBUST_CRITICAL'] } },
      'id runs { nodes { id } }',
    );
    const { id, runs } = data.startStudy;
    const [first, second, third] = runs.nodes.map((run: RunNode) => run.id);
    await lab.ask('mutation ($id: ID!) { cancelRun(id: $id) { id } }', { id: first });
    const waiting = await queued();
    expect([first, second, third].map((run) => waiting.includes(run))).toEqual([false, true, false]);
    const trainers = await lab.database.prisma.run.findMany({
      where: { id: { in: [second, third].map(numberOf) } },
      orderBy: { id: 'asc' },
    });
    expect(trainers.map(({ trainingOfId }) => trainingOfId)).toEqual([null, numberOf(second)]);
    expect((await study(id, 'state')).state).toBe('RUNNING');
    await lab.ask('mutation ($ids: [ID!]!) { deleteRuns(ids: $ids) { id } }', { ids: [first] });
    const left = await study(id, 'progress { total } rows { cell runs { id } } runs { totalCount }');
    expect(left).toMatchObject({ progress: { total: 2 }, runs: { totalCount: 2 } });
    expect(left.rows.map((row: { runs: unknown[] }) => row.runs.length)).toEqual([0, 1, 1]);
    await lab.ask('mutation ($ids: [ID!]!) { restoreRuns(ids: $ids) { id } }', { ids: [first] });
    expect((await study(id, 'progress { total }')).progress.total).toBe(3);
    await turn('pauseStudy', id);
  });

  it('is extended by seeds and values; what is there stays', async () => {
    const { data } = await start({ base: tiny, grid: { 'fineTune.select': ['LAST'] } }, 'id runs { nodes { id } }');
    const { id, runs } = data.startStudy;
    const extend = (change: object) =>
      lab.ask(
        'mutation ($id: ID!, $seeds: [Int!], $grid: JSON) { extendStudy(id: $id, seeds: $seeds, grid: $grid) { seeds grid runs { nodes { id name } } } }',
        { id, ...change },
      );
    const more = await extend({ seeds: [3], grid: { 'fineTune.select': ['LAST', 'ALL'] } });
    expect(more.errors).toEqual([]);
    expect(more.data.extendStudy).toMatchObject({ seeds: [0, 3], grid: { 'fineTune.select': ['LAST', 'ALL'] } });
    expect(more.data.extendStudy.runs.nodes.map(({ name }: RunNode) => name)).toEqual([
      's, LAST, seed 0',
      's, LAST, seed 3',
      's, ALL, seed 0',
      's, ALL, seed 3',
    ]);
    expect(more.data.extendStudy.runs.nodes[0].id).toBe(runs.nodes[0].id);
    expect((await extend({ grid: { 'fineTune.select': ['ROBUST_CRITICAL'] } })).data.extendStudy).toMatchObject({
      ...{ seeds: [0, 3], grid: { 'fineTune.select': ['LAST', 'ALL', 'ROBUST_CRITICAL'] } },
    });
    for (const nothing of [{}, { seeds: [] }])
      expect((await extend(nothing)).errors).toMatchObject([{ message: expect.stringMatching(/Give seeds, or values/) }]);
    expect((await extend({ seeds: [3] })).errors).toMatchObject([{ message: expect.stringMatching(/has these runs already/) }]);
    expect((await extend({ grid: { 'fineTune.epochs': [2] } })).errors).toMatchObject([
      { extensions: { path: ['grid', 'fineTune.epochs'] } },
    ]);
    await turn('pauseStudy', id);
  });

  it('knows the seeds of all who extend it at the same moment, or refuses', async () => {
    const { data } = await start({ base: tiny, seeds: [0] }, 'id');
    const { id } = data.startStudy;
    const extend = (seed: number) =>
      lab.ask('mutation ($id: ID!, $seeds: [Int!]) { extendStudy(id: $id, seeds: $seeds) { id } }', { id, seeds: [seed] });
    const answers = await Promise.all([1, 2, 3, 4].map(async (seed) => ({ seed, errors: (await extend(seed)).errors })));
    const added = answers.filter(({ errors }) => errors.length === 0).map(({ seed }) => seed);
    const refused = answers.flatMap(({ errors }) => errors);
    expect(added.length).toBeGreaterThan(0);
    expect(refused.every(({ extensions }) => extensions.code === 'CONFLICT')).toBe(true);
    const now = await study(id, 'seeds runs { nodes { seed } }');
    expect([...now.seeds].sort()).toEqual([0, ...added]);
    expect(now.runs.nodes.map(({ seed }: RunNode) => seed).sort()).toEqual([0, ...added]);
    await turn('pauseStudy', id);
  });

  it('takes weights that are there, and pages through its runs', async () => {
    const { data, errors } = await start(
      { preset: 'TABLE_4', base: { ...tiny, model: { checkpoint } } },
      'id runs(first: 3) { totalCount nodes { config } pageInfo { hasNextPage endCursor } } rows { cell published }',
    );
    expect(errors).toEqual([]);
    const { id, runs, rows } = data.startStudy;
    expect(runs).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true } });
    expect(runs.nodes[0].config).toMatchObject({ model: { checkpoint }, fineTune: { select: 'TOP_K', k: 1 } });
    expect(rows.map(({ cell }: { cell: object }) => cell)).toEqual([1, 2, 3, 5].map((k) => ({ 'fineTune.k': k })));
    const rest = await study(id, `runs(first: 3, after: "${runs.pageInfo.endCursor}") { nodes { config } pageInfo { hasNextPage } }`);
    expect(rest.runs).toMatchObject({ nodes: [{ config: { fineTune: { k: 5 } } }], pageInfo: { hasNextPage: false } });
    await turn('pauseStudy', id);
  });

  it('gives milestones to no schedule that has none', async () => {
    const training = { architecture: 'RESNET8', dataset: 'mnist', schedule: 'COSINE' };
    const { data, errors } = await start(
      { preset: 'TABLE_3', base: { model: { training } }, scale: 0.01 },
      'id runs(first: 1) { nodes { config } }',
    );
    expect(errors).toEqual([]);
    expect(data.startStudy.runs.nodes[0].config.model.training).toMatchObject({ schedule: 'COSINE', milestones: [] });
    await turn('pauseStudy', data.startStudy.id);
  });

  it('shrinks images and epochs by its scale where they are not given, and says so', async () => {
    const base = { model: { training: { architecture: 'RESNET8', dataset: 'mnist', epochs: 3 } }, evaluation: { suites: ['STANDARD'] } };
    const { data, errors } = await start(
      { preset: 'TABLE_3', base, scale: 0.01 },
      'id scale rows { scale } runs(first: 1) { nodes { config tags { key value } } }',
    );
    expect(errors).toEqual([]);
    const [{ config, tags }] = data.startStudy.runs.nodes;
    expect(config).toMatchObject({
      model: { training: { trainImages: 540, epochs: 3, milestones: [] } },
      criticality: { images: 100 },
      fineTune: { epochs: 1 },
      evaluation: { images: 100 },
    });
    expect(tags).toContainEqual({ key: 'scale', value: '0.01' });
    expect(data.startStudy.rows.every(({ scale }: { scale: number }) => scale === 0.01)).toBe(true);
    await turn('pauseStudy', data.startStudy.id);
  });

  const refused: [string, object, (string | number)[], RegExp, string?][] = [
    ['nothing to run', {}, ['input', 'preset'], /needs a preset/],
    ['an unknown preset', { preset: 'TABLE_9' }, ['input', 'preset'], /TABLE_1/],
    ['a field that no run has', { base: tiny, grid: { 'fineTune.speed': [1] } }, ['input', 'grid', 'fineTune.speed'], /speed/],
    ['a base with a field that no run has', { base: { ...tiny, colour: 1 } }, ['input', 'base'], /colour/],
    [
      'a value that a run refuses',
      { base: tiny, grid: { 'fineTune.epochs': [1, 0] } },
      ['input', 'grid', 'fineTune.epochs'],
      /That is where fineTune\.epochs is 0\.$/,
    ],
    ['a setting that a run refuses', { base: { ...tiny, fineTune: { k: 2 } } }, ['input', 'base', 'fineTune', 'k'], /Only TOP_K takes k/],
    [
      'more runs than a study has',
      { base: tiny, grid: { seedless: [1] }, seeds: Array.from({ length: 201 }, (_, seed) => seed) },
      ['input', 'seeds'],
      /at most/,
      'LIMIT_EXCEEDED',
    ],
    [
      'a grid that is too large',
      { base: tiny, grid: { 'fineTune.epochs': Array.from({ length: 50 }, (_, n) => n + 1), 'fineTune.batchSize': [1, 2, 3, 4, 5] } },
      ['input', 'grid'],
      /makes 250 runs/,
    ],
    [
      'a field within another',
      { base: tiny, grid: { 'fineTune.select': ['LAST'], fineTune: [{ select: 'ALL' }] } },
      ['input', 'grid', 'fineTune.select'],
      /lies within fineTune/,
    ],
    [
      'a field around one of the preset',
      { preset: 'TABLE_3', grid: { fineTune: [{ epochs: 1 }] } },
      ['input', 'grid', 'fineTune'],
      /lies within/,
    ],
    ['a seed in the grid', { base: tiny, grid: { seed: [1, 2] } }, ['input', 'grid', 'seed'], /study's own/],
    [
      'a value that is named twice',
      { base: tiny, grid: { 'fineTune.epochs': [1, 1] } },
      ['input', 'grid', 'fineTune.epochs'],
      /named twice/,
    ],
    ['a field without values', { base: tiny, grid: { 'fineTune.epochs': [] } }, ['input', 'grid', 'fineTune.epochs'], /at least one/],
    ['a scale of zero', { preset: 'TABLE_3', scale: 0 }, ['input', 'scale'], /more than 0/],
    ['a path that is no path', { base: tiny, grid: { '__proto__.x y': [1] } }, ['input', 'grid', '__proto__.x y'], /path/],
    [
      'a dataset that nobody has',
      { base: tiny, grid: { 'model.training.dataset': ['mnist', 'cifar11'] } },
      ['input', 'grid', 'model.training.dataset'],
      /no dataset "cifar11".* That is where model\.training\.dataset is cifar11\.$/,
      'NOT_FOUND',
    ],
    [
      'a network without an option that it needs',
      { base: { ...tiny, model: { training: { ...training, architecture: 'VIT', architectureOptions: { patch: 4 } } } } },
      ['input', 'base', 'model', 'training', 'architectureOptions', 'dim'],
      /^ViT needs dim\.|: ViT needs dim\./,
    ],
    [
      'an option that the network has not',
      { base: { ...tiny, model: { training: { ...training, architectureOptions: { depth: 5 } } } } },
      ['input', 'base', 'model', 'training', 'architectureOptions', 'depth'],
      / has no option depth: it has none\./,
    ],
    [
      'what no cell can be, without naming one',
      { preset: 'TABLE_4', base: { ...tiny, fineTune: { epochs: 0 } } },
      ['input', 'base', 'fineTune', 'epochs'],
      /at least 1 \(got 0\)$/,
    ],
    ['an unknown project', { project: 'nowhere', base: tiny }, ['input', 'project'], /no project/, 'NOT_FOUND'],
  ];
  it.each(refused)('refuses %s, and starts nothing', async (_what, input, path, message, code = 'BAD_USER_INPUT') => {
    const before = await lab.database.prisma.run.count();
    const { errors } = await start(input);
    expect(errors[0]).toMatchObject({ message: expect.stringMatching(message), extensions: { path, code } });
    expect(await lab.database.prisma.run.count()).toBe(before);
  });

  it('says everything that is wrong once, with the values that it is of', async () => {
    const { errors } = await start({
      base: tiny,
      grid: { 'fineTune.epochs': [1, 0], 'fineTune.batchSize': [8, -1], 'criticality.images': [16, 100_000] },
    });
    const problems = errors[0]?.extensions.problems ?? [];
    const told = problems.map(({ message, path }) => [path.at(-1), /That is .*/.exec(message)?.[0]]);
    expect(new Set(told.map((one) => one.join(': ')))).toEqual(
      new Set([
        'fineTune.epochs: That is where fineTune.epochs is 0.',
        'fineTune.batchSize: That is where fineTune.batchSize is -1.',
        'criticality.images: That is where fineTune.epochs is 1 and fineTune.batchSize is 8 and criticality.images is 100000.',
      ]),
    );
  });

  it('names what is missing of the data, what mends it and what is ready', async () => {
    const folder = lab.api.lab.datasetsFolder;
    lab.api.lab.datasetsFolder = '/nowhere at all';
    const { errors } = await start({ preset: 'TABLE_1' });
    lab.api.lab.datasetsFolder = folder;
    const messages = (errors[0]?.extensions.problems ?? []).map(({ message }) => message);
    expect(messages).toHaveLength(3);
    expect(messages[0]).toMatch(
      /^The files of CIFAR-10 are not here\. Fetch it with npm run data -- cifar10 --datasets "\/nowhere at all".*Ready to use: mnist, synthetic\. That is where model\.training\.dataset is cifar10\.$/,
    );
    expect(messages[2]).toMatch(/^The files of Tiny-ImageNet are not here\./);
  });

  it('is started by members alone, and an unknown one is not found', async () => {
    expect((await start({ base: tiny }, 'id', lab.viewer)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    expect((await turn('pauseStudy', 'Study-999')).errors).toMatchObject([{ extensions: { code: 'NOT_FOUND', path: ['id'] } }]);
    expect(await study('Study-999', 'id')).toBeNull();
  });
});
