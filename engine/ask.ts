/** Asks a process of its own one question, and ends it when it takes too long. */
import { startProcess } from './child-process.ts';

export interface AskOptions {
  limitMilliseconds: number;
  signal?: AbortSignal | undefined;
  /** Of the process's JavaScript values; Node's own limit when absent. */
  heapMegabytes?: number | undefined;
}

/** What became of a process that gave no answer. reason: for the person. said: the end of what it printed. */
export interface Ended {
  type: 'ended';
  reason: string;
  late: boolean;
  said: string;
}

type Message = { type: string };
export type Answered<Reply extends Message> = Exclude<Reply, { type: 'ready' }> | Ended;

const keptCharacters = 400;

/**
 * The program says that it is ready, is sent the question, and sends one reply.
 * Never rejects; resolves when the process is gone.
 * @param program path of its source, as engine/devices/main
 */
export async function ask<Reply extends Message>(
  program: string,
  question: object,
  { limitMilliseconds, signal, heapMegabytes }: AskOptions,
): Promise<Answered<Reply>> {
  if (signal?.aborted) return { type: 'ended', reason: 'it was stopped', late: false, said: '' };
  const { child, said } = startProcess(program, keptCharacters, heapMegabytes);
  let reply: Answered<Reply> | undefined;
  let late = false;
  child.on('message', (message: Reply) => {
    if (message.type === 'ready') child.send(question, () => {});
    else reply = message as Answered<Reply>;
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
  if (late) return { type: 'ended', reason: `it did not answer within ${limitMilliseconds / 1000} seconds`, late, said: said() };
  return { type: 'ended', reason: `its process ended (${end})${said() ? `: ${said()}` : ''}`, late, said: said() };
}
