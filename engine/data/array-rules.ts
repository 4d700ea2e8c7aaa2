/** What arrays of images and labels have to be, and under which names they may lie. */
import { DataError } from '../errors.ts';
import { bytesOfInteger, type NpyHeader } from './npy.ts';

export const arraysHint =
  'Save images as uint8 of the shape (count, height, width, channels) or (count, channels, height, width), and whole numbers (count) as labels: (images * 255).round().astype("uint8") of fractions, labels.argmax(1) of one-hot labels.';

export function refuse(problem: string): never {
  throw new DataError(problem, arraysHint);
}

const names = { images: ['images', 'x', 'X', 'data'], labels: ['labels', 'y', 'Y', 'targets'] } as const;
export type Role = keyof typeof names;
export const roles = ['images', 'labels'] as const satisfies readonly Role[];

/** What a file has under one of the names that it may have. Throws DataError where there is none. */
export function pick<T>(path: string, members: ReadonlyMap<string, T>, role: Role): T {
  const name = names[role].find((one) => members.has(one));
  return name === undefined
    ? refuse(`${path} has no array ${names[role].join(', ')}; it has ${[...members.keys()].slice(0, 10).join(', ') || 'none'}.`)
    : (members.get(name) as T);
}

/** Throws DataError where the values are no whole numbers, or do not end with their file or member, which is of this size. */
export function checkSize(source: string, { type, shape, begin }: NpyHeader, size: number): void {
  const bytes = bytesOfInteger(type) ?? 0;
  if (bytes === 0) refuse(`${source} holds values of the type ${type}; expected whole numbers.`);
  const expected = shape.reduce((product, side) => product * side, bytes);
  if (begin + expected !== size)
    refuse(`${source} has ${size - begin} bytes for an array of the shape (${shape.join(', ')}); expected ${expected}.`);
}
