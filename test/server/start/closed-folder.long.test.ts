/** Who may read the data folder of a real server, from its start to the end of a run: only the user that it runs as. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallTraining, waitUntil } from '../../helpers/runs.ts';
import { startServer } from '../../helpers/server.ts';
import { openFiles, rights } from './rights.ts';

let folder: string;
let data: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'riftlab-test-closed-'));
  data = join(folder, 'data');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the data folder of a server', () => {
  it('is closed to others, with every file of a run, and an open one is closed at start', async () => {
    await mkdir(join(data, 'artifacts/ab'), { recursive: true, mode: 0o755 });
    await writeFile(join(data, 'server.log'), '', { mode: 0o644 });
    await writeFile(join(data, 'artifacts/ab/cd'), 'weights', { mode: 0o644 });
    await chmod(data, 0o777);
    const server = await startServer(data, '--no-demo');
    try {
      await server.query('mutation { createProject(input: { name: "closed" }) { id } }');
      const { startTraining } = await server.query<{ startTraining: { id: string } }>(
        'mutation ($input: StartTrainingInput!) { startTraining(input: $input) { id } }',
        { input: { project: 'closed', training: smallTraining, evaluation: { images: 16 } } },
      );
      const looked = new Set<string>();
      await waitUntil(async () => {
        const { run } = await server.query<{ run: { state: string } }>('query ($id: ID!) { run(id: $id) { state } }', startTraining);
        if (!looked.has(run.state)) expect((await openFiles(data)).open).toEqual([]);
        looked.add(run.state);
        return run.state === 'FINISHED';
      });
      const { open, files } = await openFiles(data);
      expect(open).toEqual([]);
      expect(files).toBeGreaterThan(900);
      expect(await rights(data)).toBe('700');
      for (const file of ['admin-token', 'session-secret', 'database-url', 'server.log', 'postgres/password', 'postgres/postgres.log'])
        expect(await rights(join(data, file)), file).toBe('600');
    } finally {
      await server.end('SIGTERM');
    }
  });
});
