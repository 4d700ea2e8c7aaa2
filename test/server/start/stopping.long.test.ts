/** `npm start` is told to stop by every signal, at every moment of its start, and while everything hangs. */
import { describe, expect, it } from 'vitest';
import { waitUntil } from '../../helpers/runs.ts';
import { startServer } from '../../helpers/server.ts';
import { isAlive } from '../../helpers/worker.ts';
import { openStoppingLab, workersOf } from './stopping.ts';

const lab = openStoppingLab();

describe('a server that is told to stop', () => {
  it.each(['SIGINT', 'SIGHUP'] as const)('by %s ends whatever is connected', (signal) => lab.expectEndBy(signal));

  it('ends although everything hangs and nobody asks again', async () => {
    const server = await startServer(lab.data, '--no-demo');
    const begun = [...server.processes(), await lab.postgresPid()];
    for (const pid of [...workersOf(server), await lab.postgresPid()]) process.kill(pid, 'SIGSTOP');
    await server.end('SIGTERM');
    expect(server.output()).toContain('riftlab: stopped');
    await waitUntil(async () => !begun.some(isAlive));
  });

  it.each([
    ['while Postgres starts', /^/],
    ['after Postgres', /postgres ready/],
    ['after the tables', /tables ready/],
    ['after the API', /API ready/],
    ['as soon as it is ready', /ready after/],
  ])('%s leaves nothing', (_when, said) => lab.expectNothingAfter(said));
});
