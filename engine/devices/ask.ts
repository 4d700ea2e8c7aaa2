/** Asks a process of its own about devices, and ends it when it takes too long. */
import { join } from 'node:path';
import { startProcess } from '../child-process.ts';
import type { Question, Reply } from './messages.ts';

export interface AskOptions {
  limitMilliseconds: number;
  signal?: AbortSignal | undefined;
}

/** The answer, or what became of the process instead, for the person. */
export type Answered = Exclude<Reply, { type: 'ready' }> | { type: 'ended'; reason: string };

const keptCharacters = 400;

/** Never rejects; resolves when the process is gone. */
export async function ask(question: Question, { limitMilliseconds, signal }: AskOptions): Promise<Answered> {
  if (signal?.aborted) return { type: 'ended', reason: 'it was stopped' };
  const { child, said } = startProcess(join(import.meta.dirname, 'main.ts'), keptCharacters);
  let reply: Answered | undefined;
  let late = false;
  child.on('message', (message: Reply) => {
    if (message.type === 'ready') child.send(question, () => {});
    else reply = message;
  });
  const kill = () => child.kill('SIGKILL');
  const timer = setTimeout(() => {
    late = true;
    kill();
  }, limitMilliseconds);
  signal?.addEventListener('abort', kill, { once: true });
  const end = await new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, killedBy) => resolve(killedBy ?? `exit code ${code}`));
  });
  clearTimeout(timer);
  signal?.removeEventListener('abort', kill);
  if (reply) return reply;
  if (late) return { type: 'ended', reason: `it did not answer within ${limitMilliseconds / 1000} seconds` };
  return { type: 'ended', reason: `its process ended (${end})${said() ? `: ${said()}` : ''}` };
}
