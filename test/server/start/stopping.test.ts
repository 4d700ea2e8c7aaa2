/** `npm start` is told to stop: whatever is connected, whatever hangs, and however early it comes. Nothing may stay behind. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { waitUntil } from '../../helpers/runs.ts';
import { startServer } from '../../helpers/server.ts';
import { isAlive } from '../../helpers/worker.ts';
import { openStoppingLab, workersOf } from './stopping.ts';

const lab = openStoppingLab();

// Other signals, and the other moments of a start: stopping.long.test.ts.
describe('a server that is told to stop', () => {
  it('while Postgres is made leaves nothing', () => lab.expectNothingAfter(/^/));

  it('by SIGTERM ends whatever is connected', () => lab.expectEndBy('SIGTERM'));

  it('hurries on a second Ctrl-C, and leaves neither Postgres nor a worker that hangs', async () => {
    const server = await startServer(lab.data, '--no-demo');
    const begun = [...server.processes(), await lab.postgresPid()];
    for (const pid of [...workersOf(server), await lab.postgresPid()]) process.kill(pid, 'SIGSTOP');
    server.signal('SIGINT');
    await waitUntil(async () => server.output().includes('riftlab: stopping'));
    // Within a second it is the first one again, which npm passes on.
    const hurry = setInterval(() => server.signal('SIGINT'), 500);
    await server.gone;
    clearInterval(hurry);
    expect(server.output()).toContain('riftlab: stopped');
    await waitUntil(async () => !begun.some(isAlive));
    expect(existsSync(join(lab.data, 'server.lock'))).toBe(false);
  });
});
