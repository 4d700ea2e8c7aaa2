/** Processes of one's own for work that may crash, hang or take all memory. */
import { type ChildProcess, fork } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

/**
 * Starts a TypeScript file as a process that is spoken to by messages; what it prints is not shown. It belongs to no terminal:
 * a Ctrl-C there is for its parent, which decides. The file imports parent.ts first, so that it ends with its parent.
 * @param keptCharacters of the end of what it prints
 * @param heapMegabytes for its JavaScript values; Node's own limit when absent
 */
export function startProcess(file: string, keptCharacters: number, heapMegabytes?: number): { child: ChildProcess; said: () => string } {
  const child = fork(file, {
    execArgv: ['--import', 'tsx', ...(heapMegabytes === undefined ? [] : [`--max-old-space-size=${heapMegabytes}`])],
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
