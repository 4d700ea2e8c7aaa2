/** A computation gives way to whoever asks the server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { afterEach, expect, it } from 'vitest';
import { giveWay } from '../../../server/tasks/give-way.ts';

const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });

afterEach(async () => {
  child.kill('SIGKILL');
  await once(child, 'close');
});

it('lowers the priority of the process and of its session, by which Linux shares processors first', async () => {
  const pid = child.pid as number;
  await giveWay(pid);
  expect(getPriority(pid)).toBe(5);
  const group = `/proc/${pid}/autogroup`;
  if (existsSync(group)) expect(readFileSync(group, 'utf8')).toMatch(/nice 5$/m);
});
