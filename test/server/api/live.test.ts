/** Subscriptions over real sockets. */
import type { Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { merge } from '../../../server/services/live.ts';
import { notify } from '../../../server/store/notifications.ts';
import {
  openSweep,
  recordEvaluation,
  recordLines,
  recordMetrics,
  recordMrcScore,
  recordSweepPoint,
} from '../../../server/store/recording.ts';
import { waitUntil } from '../../helpers/runs.ts';
import { startLab, type TestLab } from './lab.ts';
import { addCheckpoint, addRun, fingerprintOf } from './records.ts';

let lab: TestLab;
const clients: Client[] = [];

beforeAll(async () => {
  lab = await startLab();
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});

afterAll(() => lab.close());

// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
type Event = Record<string, any>;

/** Subscribes and keeps what comes. */
function hear(query: string, variables: Record<string, unknown> = {}, token = lab.viewer) {
  const client = lab.connect(token);
  clients.push(client);
  const events: Event[] = [];
  const errors: unknown[] = [];
  const stop = client.subscribe<Event>(
    { query, variables },
    {
      next: ({ data, errors: wrong }) => {
        if (data) events.push(data);
        if (wrong) errors.push(...wrong);
      },
      error: (error) => errors.push(...(Array.isArray(error) ? error : [error])),
      complete: () => {},
    },
  );
  return { events, errors, stop, client };
}

const subscription = `subscription ($id: ID!) { runUpdated(id: $id) {
  __typename
  ... on RunSnapshot { run { id name state } }
  ... on RunChanged { run { id name state tags { key } } }
  ... on MetricsLogged { points { key step value at } }
  ... on LinesLogged { lines { seq text } }
  ... on MrcScored { score { module score rank } }
  ... on SweepPointScored { point { alpha robust } }
  ... on Evaluated { evaluation { suite accuracy checkpoint { name } } }
} }`;

const kinds = (events: Event[]) => events.map((event) => event.runUpdated.__typename);
const until = (isTrue: () => boolean) => waitUntil(async () => isTrue());

describe('runUpdated', () => {
  it('starts with the run and then tells every change', async () => {
    const run = await addRun(lab.database, { name: 'watched' });
    const other = await addRun(lab.database, { name: 'not watched' });
    const { events, errors } = hear(subscription, { id: `Run-${run}` });
    await until(() => events.length === 1);
    expect(events[0]?.runUpdated).toEqual({ __typename: 'RunSnapshot', run: { id: `Run-${run}`, name: 'watched', state: 'QUEUED' } });

    const { prisma } = lab.database;
    const row = Number((await addCheckpoint(lab.database, 'SMALL_CNN', 'mnist')).slice('Checkpoint-'.length));
    await recordMetrics(prisma, other, [{ key: 'loss', step: 1, value: 9 }]);
    await recordMetrics(prisma, run, [{ key: 'loss', step: 1, value: 0.5 }]);
    await recordMetrics(prisma, run, [
      { key: 'loss', step: 2, value: 0.4 },
      { key: 'accuracy', step: 2, value: 0.9 },
    ]);
    await recordLines(prisma, run, [{ text: 'hello', level: 'info', at: new Date() }]);
    await recordMrcScore(
      prisma,
      run,
      { module: 'conv1', complete: true, score: 0.2, robustLoss: 1, perturbedLoss: 1.2, epsilon: 0.1, norm: 'L2', losses: [] },
      0,
    );
    await openSweep(prisma, run, { baseId: null, tunedId: null, modules: [] });
    await recordSweepPoint(prisma, run, { alpha: 0.3, standard: 0.9, robust: 0.5, images: 10, split: 'holdout' });
    const measured = { suite: 'STANDARD' as const, dataset: 'mnist', split: 'test' as const, images: 10, correct: 9, protocol: 'p' };
    await recordEvaluation(prisma, run, row, { ...measured, fingerprint: fingerprintOf('p') });
    await lab.ask('mutation ($id: ID!) { updateRun(id: $id, name: "renamed", setTags: [{ key: "a", value: "b" }]) { id } }', {
      id: `Run-${run}`,
    });

    await until(() => kinds(events).includes('RunChanged'));
    const of = (type: string) => events.filter((event) => event.runUpdated.__typename === type).map((event) => event.runUpdated);
    const points = of('MetricsLogged').flatMap((update) => update.points);
    expect(points.map(({ key, step, value }) => [key, step, value]).sort()).toEqual([
      ['accuracy', 2, 0.9],
      ['loss', 1, 0.5],
      ['loss', 2, 0.4],
    ]);
    expect(of('LinesLogged')).toMatchObject([{ lines: [{ seq: 1, text: 'hello' }] }]);
    expect(of('MrcScored')).toMatchObject([{ score: { module: 'conv1', score: 0.2, rank: 1 } }]);
    expect(of('SweepPointScored')).toMatchObject([{ point: { alpha: 0.3, robust: 0.5 } }]);
    expect(of('Evaluated')).toMatchObject([
      { evaluation: { suite: 'STANDARD', accuracy: 0.9, checkpoint: { name: 'SMALL_CNN for mnist' } } },
    ]);
    expect(of('RunChanged').at(-1)).toMatchObject({ run: { name: 'renamed', tags: [{ key: 'a' }] } });
    expect(errors).toEqual([]);
  });

  it('merges a burst', async () => {
    const run = await addRun(lab.database, {});
    const { events } = hear(subscription, { id: `Run-${run}` });
    await until(() => events.length === 1);
    const began = performance.now();
    for (let step = 0; step < 100; step++) await recordMetrics(lab.database.prisma, run, [{ key: 'loss', step, value: step }]);
    const points = () => events.slice(1).flatMap((event) => event.runUpdated.points);
    await until(() => new Set(points().map(({ step }) => step)).size === 100);
    // One each tenth of a second, however long the burst takes.
    expect(events.length).toBeLessThanOrEqual(2 + (performance.now() - began) / 100);
    expect(points()).toHaveLength(100);
  });

  it('is refused for a run that is none, and without a token', async () => {
    const { errors } = hear(subscription, { id: 'Run-99999' });
    await until(() => errors.length > 0);
    expect(errors[0]).toMatchObject({ extensions: { code: 'NOT_FOUND', path: ['id'] } });
    const anonymous = hear(subscription, { id: 'Run-1' }, 'nonsense');
    await until(() => anonymous.errors.length > 0);
    expect(anonymous.errors[0]).toMatchObject({ code: 4401 });
  });

  it('checks operations as HTTP does', async () => {
    const wrong = async (query: string, variables = {}) => {
      const { errors } = hear(query, variables);
      await until(() => errors.length > 0);
      return (errors[0] as { extensions: object }).extensions;
    };
    expect(await wrong('subscription { nothing }')).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' });
    expect(await wrong('subscription {')).toMatchObject({ code: 'GRAPHQL_PARSE_FAILED' });
    expect(await wrong(`subscription { devicesUpdated { ${'run { device { '.repeat(10)} id ${'} }'.repeat(10)} } }`)).toMatchObject({
      code: 'LIMIT_EXCEEDED',
    });
    expect(
      await wrong('mutation ($input: StartEvaluationInput!) { startEvaluation(input: $input) { id } }', {
        input: { project: 'p', checkpoint: 'Checkpoint-1', evaluation: { suites: ['FAST'] } },
      }),
    ).toMatchObject({
      code: 'BAD_USER_INPUT',
      path: ['input', 'evaluation', 'suites', 0],
    });
    expect(await wrong('mutation { createProject(input: { name: "x" }) { id } }')).toMatchObject({ code: 'FORBIDDEN' });
  });

  it('frees what it holds when a client goes', async () => {
    const run = await addRun(lab.database, {});
    const before = lab.api.lab.live.subscribers();
    const heard = [1, 2, 3].map(() => hear(subscription, { id: `Run-${run}` }));
    await until(() => heard.every(({ events }) => events.length === 1));
    expect(lab.api.lab.live.subscribers()).toBe(before + 3);
    heard[0]?.stop();
    await heard[1]?.client.dispose();
    heard[2]?.client.terminate();
    await until(() => lab.api.lab.live.subscribers() === before);
  });

  it('goes on after the database connection was lost', async () => {
    const run = await addRun(lab.database, { name: 'kept' });
    const { events } = hear(subscription, { id: `Run-${run}` });
    await until(() => events.length === 1);
    const killed = await lab.database.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()",
    );
    expect(killed.rowCount).toBe(1);
    await lab.database.prisma.run.update({ where: { id: run }, data: { name: 'changed meanwhile' } });
    await until(() => events.length > 1);
    expect(events[1]?.runUpdated).toMatchObject({ __typename: 'RunSnapshot', run: { name: 'changed meanwhile' } });
    await lab.database.prisma.$transaction((transaction) => notify(transaction, { type: 'runChanged', run }));
    await until(() => kinds(events).includes('RunChanged'));
  });
});

describe('runsUpdated', () => {
  it('tells runs of a project', async () => {
    const inside = await addRun(lab.database, { name: 'inside', project: 'mine' });
    const outside = await addRun(lab.database, { name: 'outside', project: 'theirs' });
    const all = hear('subscription { runsUpdated { name } }');
    const mine = hear('subscription { runsUpdated(project: "mine") { name } }');
    // Again and again: nothing tells when both have begun to listen.
    await waitUntil(async () => {
      for (const run of [outside, inside, inside])
        await lab.database.prisma.$transaction((transaction) => notify(transaction, { type: 'runChanged', run }));
      return mine.events.length > 0 && new Set(all.events.map(({ runsUpdated }) => runsUpdated.name)).size > 1;
    });
    expect(all.errors).toEqual([]);
    expect(mine.events.map(({ runsUpdated }) => runsUpdated.name)).not.toContain('outside');
    expect(new Set(all.events.map(({ runsUpdated }) => runsUpdated.name))).toEqual(new Set(['inside', 'outside']));
    const unknown = hear('subscription { runsUpdated(project: "nobody\'s") { name } }');
    await until(() => unknown.errors.length > 0);
    expect(unknown.errors[0]).toMatchObject({ extensions: { code: 'NOT_FOUND', path: ['project'] } });
  });
});

describe('devicesUpdated', () => {
  it('starts with the devices and tells changes', async () => {
    const { prisma } = lab.database;
    const device = { worker: 'w', name: 'cpu', backend: 'onnx', kind: 'cpu', state: 'idle', lastSeenAt: new Date() };
    const { id } = await prisma.device.create({ data: device });
    const { events } = hear('subscription { devicesUpdated { id name state backend kind worker run { id } } }');
    await until(() => events.length === 1);
    expect(events[0]?.devicesUpdated).toEqual([
      { id: `Device-${id}`, name: 'cpu', state: 'idle', backend: 'onnx', kind: 'cpu', worker: 'w', run: null },
    ]);
    await prisma.$transaction(async (transaction) => {
      await transaction.device.update({ where: { id }, data: { state: 'busy' } });
      await notify(transaction, { type: 'devicesChanged' });
    });
    await until(() => events.length === 2);
    expect(events[1]?.devicesUpdated).toMatchObject([{ state: 'busy' }]);
  });
});

describe('sockets', () => {
  it('of foreign pages and names are refused', async () => {
    const open = (headers: Record<string, string>) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(`${lab.address.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
        socket.on('open', () => {
          socket.close();
          resolve('open');
        });
        socket.on('error', (error) => resolve(error.message));
      });
    expect(await open({})).toBe('open');
    expect(await open({ origin: lab.address })).toBe('open');
    expect(await open({ origin: 'https://example.com' })).toContain('403');
    expect(await open({ host: 'rebound.example.com' })).toContain('403');
  });
});

describe('merging', () => {
  it('joins ranges and keeps different things apart', () => {
    expect(
      merge([
        { type: 'runChanged', run: 1 },
        { type: 'metricsLogged', run: 1, keys: [1], fromStep: 5, toStep: 6 },
        { type: 'runChanged', run: 2 },
        { type: 'runChanged', run: 1 },
        { type: 'metricsLogged', run: 1, keys: [2, 1], fromStep: 1, toStep: 5 },
        { type: 'linesLogged', run: 1, fromSeq: 3, toSeq: 4 },
        { type: 'linesLogged', run: 1, fromSeq: 5, toSeq: 9 },
        { type: 'mrcScored', run: 1, module: 'a' },
        { type: 'mrcScored', run: 1, module: 'b' },
      ]),
    ).toEqual([
      { type: 'runChanged', run: 1 },
      { type: 'metricsLogged', run: 1, keys: [1, 2], fromStep: 1, toStep: 6 },
      { type: 'runChanged', run: 2 },
      { type: 'linesLogged', run: 1, fromSeq: 3, toSeq: 9 },
      { type: 'mrcScored', run: 1, module: 'a' },
      { type: 'mrcScored', run: 1, module: 'b' },
    ]);
    expect(merge([{ type: 'runChanged', run: 1 }, { type: 'resynchronise' }])).toEqual([{ type: 'resynchronise' }]);
  });
});

describe('many who follow one run', () => {
  it('cost one reading of it, and each gets every change', async () => {
    const run = await addRun(lab.database, { name: 'followed' });
    const heard = Array.from({ length: 20 }, () => hear(subscription, { id: `Run-${run}` }));
    await until(() => heard.every(({ events }) => events.length === 1));
    let readings = 0;
    const { prisma } = lab.database;
    const original = prisma.run.findMany;
    prisma.run.findMany = ((...parts: Parameters<typeof original>) => {
      readings++;
      return original.apply(prisma.run, parts);
    }) as typeof original;
    for (const name of ['second', 'third']) {
      await lab.ask('mutation ($id: ID!, $name: String) { updateRun(id: $id, name: $name) { id } }', { id: `Run-${run}`, name });
      await until(() => heard.every(({ events }) => events.at(-1)?.runUpdated.run.name === name));
    }
    prisma.run.findMany = original;
    expect(readings).toBeLessThan(20);
    expect(heard.flatMap(({ errors }) => errors)).toEqual([]);
  });
});
