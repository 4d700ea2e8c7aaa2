/** How a state dict and a network differ, entry by entry. */
import { type Network, parametersOf } from '../models/network.ts';
import { officialShape } from '../weights/state-dict.ts';
import type { Candidate, StateDictAbout } from './family.ts';

export interface Fit {
  candidate: Candidate;
  /** Name in the file, after the view's prefix, of every entry of the network, in the network's order. */
  sources: ReadonlyMap<string, string>;
  /** Entries of the network whose name is there, and those of them that also have the right shape and type. */
  named: number;
  fitting: number;
  /** Sides of named entries that are as long as they should be, as a sum of shares of an entry. */
  alike: number;
  /** One line each, found beside expected. */
  differences: string[];
}

const bracketed = (shape: readonly number[]) => `[${shape.join(', ')}]`;
const isSame = (one: readonly unknown[], other: readonly unknown[]) => one.join() === other.join();

const isUnused = ({ unused }: Network, name: string) => unused !== undefined && name.startsWith(unused.prefix);

const shareOfSides = (found: readonly number[], expected: readonly number[]) =>
  expected.filter((side, axis) => side === found[axis]).length / Math.max(found.length, expected.length, 1);

export function fitOf(candidate: Candidate, tensors: StateDictAbout): Fit {
  const { network, nameInFile = (entry: string) => entry } = candidate;
  const entries = parametersOf(network);
  const sources = new Map(entries.map(({ name }) => [name, nameInFile(name)]));
  const taken = new Set(sources.values());
  const differences: string[] = [];
  let named = 0;
  let fitting = 0;
  let alike = 0;
  for (const { name, shape } of entries) {
    const source = sources.get(name) as string;
    const found = tensors.get(source);
    const expected = officialShape(shape);
    if (found) named++;
    if (found) alike += shareOfSides(found.shape, expected);
    if (!found) differences.push(`${source} is missing, expected ${bracketed(expected)}`);
    else if (!isSame(found.shape, expected)) differences.push(`${source} is ${bracketed(found.shape)}, expected ${bracketed(expected)}`);
    else if (!found.holdsFloats) differences.push(`${source} holds whole numbers, expected floating-point numbers`);
    else fitting++;
  }
  for (const [name, { shape }] of tensors)
    if (!taken.has(name) && !isUnused(network, name) && !candidate.isUnused?.(name))
      differences.push(`${name} ${bracketed(shape)} is there, and nothing is expected under that name`);
  return { candidate, sources, named, fitting, alike, differences };
}
