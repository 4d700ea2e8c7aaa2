/** Reads a file from elsewhere in a process of its own, within limits of memory and time. */
import { stat } from 'node:fs/promises';
import { ask } from '../ask.ts';
import type { Found, ReadRequest, Refused, Reply } from './messages.ts';

/** What the process takes without a file, its code included. */
const baseBytes = 400 * 2 ** 20;
/** Of memory, for a byte of the file: it is read a tensor at a time, and one tensor may be most of it. */
const bytesPerByte = 1.5;
/** Names and structure of a file; its values lie outside. */
const heapMegabytes = 512;

const startMilliseconds = 60_000;
/** A slow disk and a busy machine. */
const leastBytesPerMillisecond = 5000;

/** late: it took longer than it may, which says little about the file where the machine is busy. */
export type Imported = { type: 'found'; found: Found } | Refused | { type: 'late'; seconds: number };

/** Throws an Error only where the reader itself is at fault. */
export async function importFile(request: Omit<ReadRequest, 'limitBytes'>, signal?: AbortSignal): Promise<Imported> {
  const { size } = await stat(request.file);
  const limitBytes = Math.round(baseBytes + bytesPerByte * size);
  const limitMilliseconds = Math.round(startMilliseconds + size / leastBytesPerMillisecond);
  const answer = await ask<Reply>('engine/imports/main', { ...request, limitBytes }, { limitMilliseconds, signal, heapMegabytes });
  if (answer.type === 'failed') throw new Error(`A file from elsewhere could not be read: ${answer.message}`);
  if (answer.type !== 'ended') return answer;
  if (signal?.aborted) throw signal.reason;
  if (answer.late) return { type: 'late', seconds: limitMilliseconds / 1000 };
  const reason = beyondMemory(answer.said);
  if (!reason) throw new Error(`The process that reads files from elsewhere broke: ${answer.reason}`);
  return {
    type: 'refused',
    fault: 'file',
    place: [],
    message: `Reading the file took ${reason}, far more than a checkpoint of its size takes.`,
  };
}

/** By the watch of memory, or by the end of the heap. */
const beyondMemory = (said: string) => /more than \d+ MiB of memory/.exec(said)?.[0] ?? (/heap/i.test(said) ? 'more memory' : undefined);
