/** What many readers at once cost the server: subscribers and pollers, while nothing computes and while a run does. */
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { print } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { openDatabase } from '../../../server/store/database.ts';
import { runUpdates } from '../../../web/queries/run.ts';
import { runs, runsUpdates } from '../../../web/queries/runs.ts';
import { startServer, type TestServer } from '../../helpers/server.ts';
import { addRun } from '../../server/api/records.ts';

export interface LoadSettings {
  subscribers: number;
  pollers: number;
  /** Of each of the two parts. */
  seconds: number;
}

export interface Load {
  what: 'idle' | 'computing';
  requests: number;
  /** Of a page of 50 runs, in milliseconds. */
  median: number;
  p95: number;
  /** Events that subscribers got, each counted. */
  events: number;
  /** Resident memory of the server, in MB: before, at most, and a minute after the readers have gone. */
  memory: { before: number; most: number; after: number };
}

const pauseMilliseconds = 1000;
const settleSeconds = 60;
/** Asked before it is measured: the engine of JavaScript compiles what it has seen often. */
const warmSeconds = 5;

const params = Object.fromEntries(Array.from({ length: 22 }, (_, index) => [`setting${index}`, index / 10]));

/** Every subscriber follows the newest run or the list, every poller asks for a page of 50 runs about once a second. */
export async function measureLoad(settings: LoadSettings): Promise<Load[]> {
  const data = await mkdtemp(join(tmpdir(), 'riftlab-bench-load-'));
  const server = await startServer(data, '--no-demo');
  try {
    const database = openDatabase((await readFile(join(data, 'database-url'), 'utf8')).trim(), 2);
    for (let index = 0; index < 60; index++) {
      const about = { architecture: 'RESNET18', dataset: 'cifar10', variant: 'PGD_AT' };
      const metrics = { standard: 0.8, robust: 0.5, 'base.standard': 0.79, 'base.robust': 0.5 };
      await addRun(database, { name: `run ${index}`, data: { state: 'FINISHED' }, params: { ...params, ...about }, metrics });
    }
    await database.close();
    const token = (await readFile(join(data, 'admin-token'), 'utf8')).trim();
    await sleep(5000);
    const idle = await underLoad('idle', server, token, 'Run-1', settings);
    const run = await startRun(server);
    const computing = await underLoad('computing', server, token, run, settings);
    return [idle, computing];
  } finally {
    await server.end('SIGTERM');
    await rm(data, { recursive: true, force: true });
  }
}

async function startRun(server: TestServer): Promise<string> {
  const attack = { epsilon: 0.1, stepSize: 0.05, steps: 5 };
  const training = { architecture: 'RESNET8', dataset: 'mnist', trainImages: 5000, epochs: 50, batchSize: 64, milestones: [], attack };
  const { startTraining } = await server.query<{ startTraining: { id: string } }>(
    'mutation ($input: StartTrainingInput!) { startTraining(input: $input) { id } }',
    { input: { project: 'p', training } },
  );
  const { id } = startTraining;
  for (;;) {
    const { run } = await server.query<{ run: { progress: { done: number } } }>('query ($id: ID!) { run(id: $id) { progress { done } } }', {
      id,
    });
    if (run.progress.done > 0) return id;
    await sleep(300);
  }
}

async function underLoad(what: Load['what'], server: TestServer, token: string, run: string, settings: LoadSettings): Promise<Load> {
  const { subscribers, pollers, seconds } = settings;
  const pid = serverOf(server);
  const before = residentOf(pid);
  let most = before;
  let events = 0;
  const watch = setInterval(() => {
    most = Math.max(most, residentOf(pid));
  }, 200);
  const heard = () => {
    events++;
  };
  const clients = Array.from({ length: subscribers }, (_, index) => subscribe(server.origin, token, index % 2 ? run : null, heard));
  const from = performance.now() + warmSeconds * 1000;
  const times = { from, until: from + seconds * 1000 };
  const laps = (await Promise.all(Array.from({ length: pollers }, () => poll(server.origin, token, times)))).flat().sort((a, b) => a - b);
  for (const client of clients) await client.dispose();
  clearInterval(watch);
  await sleep(settleSeconds * 1000);
  const at = (share: number) => laps[Math.floor(share * (laps.length - 1))] ?? Number.NaN;
  return { what, requests: laps.length, median: at(0.5), p95: at(0.95), events, memory: { before, most, after: residentOf(pid) } };
}

function subscribe(origin: string, token: string, run: string | null, heard: () => void): Client {
  const client = createClient({
    url: `${origin.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
  });
  const payload = run ? { query: print(runUpdates), variables: { id: run } } : { query: print(runsUpdates), variables: { project: null } };
  client.subscribe(payload, { next: heard, error: (error) => console.error(error), complete: () => {} });
  return client;
}

/** Milliseconds of each request that began between two times. */
async function poll(origin: string, token: string, { from, until }: { from: number; until: number }): Promise<number[]> {
  const laps: number[] = [];
  const body = JSON.stringify({ query: print(runs), variables: { first: 50, orderBy: [{ by: 'created', direction: 'DESC' }] } });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  await sleep(Math.random() * pauseMilliseconds);
  while (performance.now() < until) {
    const began = performance.now();
    const answer = await fetch(`${origin}/graphql`, { method: 'POST', headers, body });
    const { errors } = (await answer.json()) as { errors?: unknown };
    if (errors) throw new Error(JSON.stringify(errors));
    if (began >= from) laps.push(performance.now() - began);
    await sleep(pauseMilliseconds);
  }
  return laps;
}

/** The process that answers, among those that npm started. */
function serverOf(server: TestServer): number {
  const found = server.processes().find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('setup/start.mjs'));
  if (found === undefined) throw new Error('The server process was not found.');
  return found;
}

const residentOf = (pid: number) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1000;

const whole = (value: number) => String(Math.round(value));

export function formatLoad(loads: readonly Load[]): string {
  const rows = loads.map(({ what, requests, median, p95, events, memory: { before, most, after } }) =>
    [what, whole(requests), whole(median), whole(p95), whole(events), `${whole(before)} → ${whole(most)} → ${whole(after)}`].join(' | '),
  );
  return [
    '| | pages of 50 runs | median (ms) | p95 (ms) | events | memory (MB) |',
    '|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}
