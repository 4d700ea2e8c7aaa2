/** What is said of a run before and while it is computed: its cost, its place in the queue, its time left, and whether resuming helps. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { progressOfRun } from '../../../server/services/progress.ts';
import type { StageRecord } from '../../../server/services/records.ts';
import { startLab, type TestLab } from './lab.ts';
import { addRun } from './records.ts';

let lab: TestLab;
beforeAll(async () => {
  lab = await startLab();
  await lab.database.prisma.project.create({ data: { name: 'p' } });
  const device = { backend: 'onnx', kind: 'cpu', lastSeenAt: new Date(Date.now() + 3_600_000) };
  await lab.database.prisma.device.createMany({
    data: [
      { ...device, worker: 'a', name: 'slow', state: 'idle', imagesPerSecond: 20 },
      { ...device, worker: 'b', name: 'quick', state: 'busy', imagesPerSecond: 2000 },
      { ...device, worker: 'c', name: 'unmeasured', state: 'idle' },
      { ...device, worker: 'd', name: 'broken', state: 'failed', imagesPerSecond: 100 },
    ],
  });
});
afterAll(() => lab.close());

const query = `mutation ($kind: RunKind!, $input: JSON!) {
  estimate(kind: $kind, input: $input) { devices { seconds device { name } stages { name seconds } } } }`;
const training = { architecture: 'RESNET18', dataset: 'mnist' };
const ask = (input: object, kind = 'RIFT', token?: string) => lab.ask(query, { kind, input }, token);

describe('an estimate', () => {
  it('says what a run would take on every device whose speed is known, and starts nothing', async () => {
    const before = await lab.database.prisma.run.count();
    const { data, errors } = await ask({ project: 'not yet there', model: { training } }, 'RIFT', lab.viewer);
    expect(errors).toEqual([]);
    const [quick, slow] = data.estimate.devices;
    expect(data.estimate.devices.map(({ device }: { device: { name: string } }) => device.name)).toEqual(['quick', 'slow']);
    expect(quick.stages.map(({ name }: { name: string }) => name)).toEqual([
      'TRAINING',
      'CRITICALITY',
      'FINE_TUNE',
      'INTERPOLATION',
      'EVALUATION',
    ]);
    expect(slow.seconds / quick.seconds).toBeGreaterThan(95);
    expect(slow.seconds).toBeGreaterThan(10 * 86_400);
    expect(await lab.database.prisma.run.count()).toBe(before);
  });

  it('has the configuration that the run would record, every default decided, also those that parts take from each other', async () => {
    const attack = { epsilon: 0.2, stepSize: 0.05, steps: 5 };
    const input = { project: 'p', model: { training: { ...training, architecture: 'RESNET8', attack } }, evaluation: { images: 500 } };
    const ask = 'mutation ($kind: RunKind!, $input: JSON!) { estimate(kind: $kind, input: $input) { config } }';
    const { config } = (await lab.ask(ask, { kind: 'RIFT', input })).data.estimate;
    const taken = { ...attack, randomStart: true, restarts: 1 };
    expect(config).toMatchObject({ criticality: { attack: taken }, evaluation: { attack: taken, images: 500 }, dataset: 'mnist' });
    const start = 'mutation ($input: StartRiftInput!) { startRift(input: $input) { config } }';
    expect((await lab.ask(start, { input })).data.startRift.config).toEqual(config);
  });

  it('refuses what the mutation would refuse, everything at once, in words', async () => {
    const { errors } = await ask({
      project: 'p',
      model: { training: { ...training, epochs: 0, batchSize: 70_000 } },
      interpolation: { tolerance: -1 },
    });
    expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    const { problems } = (errors[0] as NonNullable<(typeof errors)[0]>).extensions as unknown as {
      problems: { message: string; path: string[] }[];
    };
    expect(problems.map(({ path, message }) => [path.join('.'), message])).toEqual([
      ['input.model.training.epochs', 'input.model.training.epochs: must be at least 1 (got 0)'],
      ['input.model.training.batchSize', 'input.model.training.batchSize: must be at most 65536 (got 70000)'],
      ['input.interpolation.tolerance', 'input.interpolation.tolerance: must be at least 0 (got -1)'],
    ]);
    const unknown = await ask({ project: 'p', model: { training: { ...training, epoch: 1 } } });
    expect(unknown.errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['input', 'model', 'training'] });
    const missing = await ask({ project: 'p', model: { training: { dataset: 'mnist' } } });
    expect(missing.errors[0]?.message).toContain('architecture');
    expect((await ask({}, 'EXTERNAL')).errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['kind'] });
    for (const input of [null, 3, 'x', [], { model: { checkpoint: 'Run-1' }, project: 'p' }])
      expect((await ask(input as object)).errors[0]?.extensions.code).toMatch(/BAD_USER_INPUT|GRAPHQL_VALIDATION_FAILED/);
  });
});

describe('a run', () => {
  it('weighs its stages by the work that they will be', async () => {
    const start = 'mutation ($input: StartRiftInput!) { startRift(input: $input) { id runsAhead } }';
    const input = { project: 'p', model: { training: { ...training, architecture: 'RESNET8' } } };
    const [first, second] = [await lab.ask(start, { input }), await lab.ask(start, { input })];
    expect(second.data.startRift.runsAhead).toBe(first.data.startRift.runsAhead + 1);
    const id = Number(String(first.data.startRift.id).slice('Run-'.length));
    const stages = await lab.database.prisma.stage.findMany({ where: { runId: id }, orderBy: { position: 'asc' } });
    expect(stages.every(({ work }) => (work ?? 0) > 0)).toBe(true);
    const whole = stages.reduce((sum, { work }) => sum + (work ?? 0), 0);
    expect((stages[0]?.work ?? 0) / whole).toBeGreaterThan(0.8);
  });

  it('goes first in the list while it goes on', async () => {
    const names = { running: 'RUNNING', queued: 'QUEUED', old: 'FINISHED', older: 'FAILED' } as const;
    let time = Date.now();
    for (const [name, state] of Object.entries(names)) {
      time += 1000;
      await addRun(lab.database, { name, project: 'order', data: { state, createdAt: new Date(time) } });
    }
    const { data } = await lab.ask('{ runs(project: "order", orderBy: [{by: "activity"}, {by: "created"}]) { nodes { name } } }');
    expect(data.runs.nodes.map(({ name }: { name: string }) => name)).toEqual(['running', 'queued', 'older', 'old']);
  });

  it('says whether resuming can help', async () => {
    const failed = async (errorResumable: boolean) =>
      addRun(lab.database, { data: { state: 'FAILED', errorMessage: 'x', errorStage: 'TRAINING', errorResumable } });
    for (const resumable of [true, false]) {
      const id = `Run-${await failed(resumable)}`;
      const { data } = await lab.ask('query ($id: ID!) { run(id: $id) { error { resumable } } }', { id });
      expect(data.run.error).toEqual({ resumable });
    }
  });
});

describe('the time left', () => {
  const at = (seconds: number) => new Date(seconds * 1000);
  const stage = (changes: Partial<StageRecord>): StageRecord => ({
    ...{
      runId: 1,
      position: 0,
      name: 'TRAINING',
      state: 'QUEUED',
      progressDone: 0n,
      progressTotal: 0n,
      progressUnit: '',
      progressRate: null,
    },
    ...{ startedAt: null, finishedAt: null, resumeSha256: null, work: 100 },
    ...changes,
  });
  const finished = (work: number, seconds: number) => stage({ state: 'FINISHED', work, startedAt: at(0), finishedAt: at(seconds) });
  const running = (work: number, done: number, total: number, progressRate: number | null) =>
    stage({ state: 'RUNNING', work, progressDone: BigInt(done), progressTotal: BigInt(total), progressRate, startedAt: at(0) });

  it('is what the running stage and those that wait will take, by their work', () => {
    const { fraction, etaSeconds } = progressOfRun([finished(900, 90), running(50, 10, 100, 20), stage({ work: 50 })]);
    expect(fraction).toBeCloseTo((900 + 5) / 1000);
    expect(etaSeconds).toBeCloseTo(90 / 20 + 50 / (950 / 95), 6);
  });

  it('is judged by what was finished while the running stage has no rate yet', () => {
    expect(progressOfRun([finished(900, 90), running(50, 0, 100, null), stage({ work: 50 })]).etaSeconds).toBeCloseTo(10);
    expect(progressOfRun([running(50, 0, 100, null), stage({ work: 50 })]).etaSeconds).toBeNull();
    expect(progressOfRun([stage({}), stage({})]).etaSeconds).toBeNull();
  });

  it('counts stages equally where nobody counted their work', () => {
    const { fraction } = progressOfRun([
      { ...finished(1, 10), work: null },
      { ...running(1, 50, 100, 5), work: null },
    ]);
    expect(fraction).toBeCloseTo(0.75);
  });
});
