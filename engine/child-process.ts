/** Processes of one's own for work that may crash, hang or take all memory. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** What every program is started with: an error names its TypeScript. */
export const execArgv = ['--enable-source-maps'];

/**
 * The file of a program that setup has built, for those who start it.
 * @param program path of its source, as engine/devices/main
 */
export function programFile(program: string): string {
  const folder = process.env.RIFTLAB_PROGRAMS;
  if (!folder) throw new Error('RIFTLAB_PROGRAMS does not name the folder of the programs; npm start, npm run worker and npm test do.');
  return join(folder, `${program}.js`);
}

/**
 * Starts a program as a process that is spoken to by messages; what it prints is not shown. It belongs to no terminal:
 * a Ctrl-C there is for its parent, which decides. The program imports parent.ts first, so that it ends with its parent.
 * @param keptCharacters of the end of what it prints
 * @param heapMegabytes for its JavaScript values; Node's own limit when absent
 */
export function startProcess(program: string, keptCharacters: number, heapMegabytes?: number): { child: ChildProcess; said: () => string } {
  const child = fork(programFile(program), {
    execArgv: [...execArgv, ...(heapMegabytes === undefined ? [] : [`--max-old-space-size=${heapMegabytes}`])],
    detached: true,
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  let tail = '';
  const listen = (chunk: Buffer) => {
    tail = (tail + chunk.toString()).slice(-keptCharacters);
  };
  child.stdout?.on('data', listen);
  child.stderr?.on('data', listen);
  return { child, said: () => stripVTControlCharacters(tail).trim() };
}
