/** `npm start` from outside: ready, found again after kill -9, gone after Ctrl-C. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../helpers/reverse-proxy.ts';
import { smallTraining, waitUntil } from '../../helpers/runs.ts';
import { startServer, type TestServer, terminalEnvironment } from '../../helpers/server.ts';
import { collect, isAlive } from '../../helpers/worker.ts';
import { openFiles, rights } from './rights.ts';

let data: string;
let server: TestServer;
/** Those of the Postgres that outlived its server. */
const postgresProcesses = new Set<number>();

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'riftlab-test-start-'));
  await writeFile(join(data, 'server.log'), '', { mode: 0o644 });
  await chmod(data, 0o777);
});
afterAll(async () => {
  if (existsSync(join(data, 'server.lock'))) await server.end('SIGKILL');
  await rm(data, { recursive: true, force: true });
});

interface Stage {
  name: string;
  state: string;
  progress: { done: number; total: number; rate: number | null };
}

async function stage(name: string): Promise<Stage> {
  const { runs } = await server.query<{ runs: { nodes: { stages: Stage[] }[] } }>(
    '{ runs { nodes { stages { name state progress { done total rate } } } } }',
  );
  const found = runs.nodes[0]?.stages.find((one) => one.name === name);
  if (!found) throw new Error(`There is no stage ${name}.`);
  return found;
}

/** What the training stage says once a worker has it again. */
async function firstProgress(): Promise<Stage['progress']> {
  let found: Stage | undefined;
  await waitUntil(async () => {
    found = await stage('TRAINING');
    return found.state === 'RUNNING' && found.progress.rate !== null;
  });
  if (!found) throw new Error('There is no training stage.');
  return found.progress;
}

/** A start that is meant to fail; what it printed, and its exit code. */
async function failedStart(...options: string[]): Promise<{ said: string; code: number | null }> {
  const child = spawn('npm', ['start', '--silent', '--', ...options], { env: terminalEnvironment() });
  const said = collect(child);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { said: said(), code };
}

interface TakenDevice {
  state: string;
  selfTest: string | null;
  memoryBytes: number | null;
  imagesPerSecond: number | null;
}

/** The first answers of a server that was just started, until another than "not yet". */
async function firstAnswers(port: number): Promise<{ json: string; page: string }> {
  const ask = (accept: string) => fetch(`http://127.0.0.1:${port}/graphql`, { headers: { accept } });
  for (;;) {
    const answers = await Promise.all([ask('application/json'), ask('text/html')]).catch(() => null);
    const [json, page] = await Promise.all((answers ?? []).map((answer) => answer.text()));
    if (json !== undefined && page !== undefined) return { json, page };
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('npm start', () => {
  it('serves pages and API, with keys for its administrator, whatever is set for other databases', async () => {
    const port = await freePort();
    const starting = firstAnswers(port);
    const elsewhere = {
      RIFTLAB_DEVICE: 'auto',
      PGSSLMODE: 'require',
      PGHOST: 'elsewhere.invalid',
      PGUSER: 'nobody',
      PGOPTIONS: '-c search_path=elsewhere',
    };
    server = await startServer(data, elsewhere, '--no-demo', '--port', String(port));
    const { json, page: waiting } = await starting;
    expect(JSON.parse(json)).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] });
    expect(waiting).toContain('<h1>RiftLab is starting</h1>');
    for (const path of ['/healthz', '/readyz']) expect((await fetch(server.origin + path)).status, path).toBe(200);
    expect((await stat(join(data, 'admin-token'))).mode & 0o777).toBe(0o600);
    expect(await server.query('{ viewer { role } server { embedded } }')).toEqual({
      viewer: { role: 'ADMIN' },
      server: { embedded: true },
    });

    const press = () => fetch(server.address, { method: 'POST', redirect: 'manual' });
    const signIn = await press();
    expect([signIn.status, signIn.headers.get('location')]).toEqual([303, '/']);
    expect((await press()).headers.get('location')).toContain('expired');
    const cookie = signIn.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
    const page = await fetch(server.origin, { headers: { cookie } });
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);

    await waitUntil(async () => {
      const { devices } = await server.query<{ devices: TakenDevice[] }>('{ devices { state selfTest memoryBytes imagesPerSecond } }');
      const taken = devices.filter(({ state }) => state === 'idle');
      return taken.length === 1 && taken.every((one) => one.selfTest?.startsWith('passed') && one.memoryBytes && one.imagesPerSecond);
    });
  });

  it('says what is wrong when its data folder or its port is in use', async () => {
    const folder = await failedStart('--data', data, '--port', '0');
    expect(folder.said).toMatch(/riftlab: The data folder .* is in use by a RiftLab with process id \d+/);
    const { port } = new URL(server.origin);
    const taken = await failedStart('--data', `${data}-other`, '--port', port);
    expect(taken.said).toContain(`riftlab: Port ${port} on 127.0.0.1 is taken`);
    expect([folder.code, taken.code]).toEqual([1, 1]);
    expect(existsSync(`${data}-other`)).toBe(false);
  });

  it('goes on where it was after kill -9, in a folder that is closed to others', async () => {
    await server.query('mutation { createProject(input: { name: "tests" }) { id } }');
    const training = { ...smallTraining, trainImages: 256, epochs: 120 };
    const start = 'mutation ($input: StartTrainingInput!) { startTraining(input: $input) { id } }';
    await server.query(start, { input: { project: 'tests', training, evaluation: { images: 64 } } });
    await waitUntil(async () => {
      const { progress } = await stage('TRAINING');
      return progress.total > 0 && progress.done / progress.total > 2.5 / training.epochs;
    });
    const left = server.processes();
    await server.kill();
    await waitUntil(async () => left.filter(isAlive).every((pid) => !isNode(pid)));

    server = await startServer(data, '--no-demo');
    expect(server.output()).toContain('postgres ready (found running');
    const first = await firstProgress();
    expect(first.done / first.total).toBeGreaterThan(2 / training.epochs);
    for (const pid of left) postgresProcesses.add(pid);

    // The folder was open to others before the first start.
    const { open, files } = await openFiles(data);
    expect(open).toEqual([]);
    expect(files).toBeGreaterThan(900);
    expect([await rights(data), await rights(join(data, 'server.log'))]).toEqual(['700', '600']);
  });

  it('stops everything on Ctrl-C and leaves nothing behind', async () => {
    const begun = [...server.processes(), ...postgresProcesses];
    expect(begun.filter(isAlive).length).toBeGreaterThan(8);
    await server.end('SIGINT');
    expect(server.output()).not.toContain('takes too long');
    expect(server.output()).toContain('riftlab: stopped');
    await waitUntil(async () => !begun.some(isAlive));
    for (const file of ['server.lock', 'database-url', 'postgres/data/postmaster.pid'])
      expect(existsSync(join(data, file)), file).toBe(false);
    expect((await readFile(join(data, 'admin-token'), 'utf8')).startsWith('riftlab_')).toBe(true);
  });
});

const isNode = (pid: number) => spawnSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' }).stdout.startsWith('node');
