/** Reading data files whose size is known beforehand. */
import { readFile, stat } from 'node:fs/promises';
import { EngineError } from '../errors.ts';

export type FileState = { state: 'READY' } | { state: 'MISSING' } | { state: 'FAILED'; problem: string };

function sizeProblem(path: string, bytes: number, expected: number): string {
  const difference = bytes < expected ? `ends at byte ${bytes}` : `has ${bytes - expected} bytes after byte ${expected}`;
  return `${path} ${difference}; expected exactly ${expected} bytes.`;
}

/** Whether a file is there and has the right size; its bytes are not read. */
export async function fileState(path: string, expected: number): Promise<FileState> {
  try {
    const { size } = await stat(path);
    return size === expected ? { state: 'READY' } : { state: 'FAILED', problem: sizeProblem(path, size, expected) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'MISSING' };
    return { state: 'FAILED', problem: `${path} cannot be read: ${(error as Error).message}.` };
  }
}

/** All bytes of a file of exactly `expected` bytes. Throws EngineError otherwise. */
export async function readWhole(path: string, expected: number, hint: string): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new EngineError(missing ? `${path} is missing.` : `${path} cannot be read: ${(error as Error).message}.`, hint);
  }
  if (bytes.length !== expected) throw new EngineError(sizeProblem(path, bytes.length, expected), hint);
  return bytes;
}

/** Throws EngineError when the label at a byte of a file is not below `classes`. */
export function checkLabel(path: string, offset: number, label: number, classes: number, hint: string): void {
  if (label >= classes)
    throw new EngineError(`${path} is corrupt at byte ${offset}: the label is ${label}, expected 0 to ${classes - 1}.`, hint);
}
