/** The arrays of an .npz file. */
import { DamagedFile, fileSource } from '../weights/pytorch/source.ts';
import { readZip, type ZipMember } from '../weights/pytorch/zip.ts';
import { type Role, refuse } from './array-rules.ts';
import type { Part } from './dataset.ts';

/** Where the arrays of compressed files lie unpacked, each in a file of its own. */
export type Unpacked = Partial<Record<Part, Record<Role, string>>>;

/** By name. file: a descriptor. Throws DataError for what is no whole zip file. */
export function arraysInNpz(path: string, file: number, size: number): Map<string, ZipMember> {
  try {
    const members = readZip(fileSource(file, size), { deflated: true });
    return new Map(members.map((member) => [member.name.replace(/\.npy$/, ''), member]));
  } catch (error) {
    if (error instanceof DamagedFile) refuse(`${path} is damaged: ${error.problem}.`);
    throw error;
  }
}
