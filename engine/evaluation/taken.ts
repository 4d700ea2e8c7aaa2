/** What was measured of some of a set's images, as JSON: what slices of an evaluation leave for its end. */
import type { PartFacts, Survivors } from '../attacks/survivors.ts';
import type { ImageSet } from '../data/splits.ts';
import { EngineError } from '../errors.ts';
import type { Planned } from './measurement.ts';
import { protocolOf } from './protocol.ts';

/** One character an image, and what the attack saw of them, where it was one. */
interface TakenOne {
  outcomes: string;
  facts?: Omit<Survivors, 'robust' | 'ended'>;
}

/** By the fingerprint that the measurement has on the whole set; the clean prediction under that of standard accuracy. */
export type Taken = Record<string, TakenOne>;

const keyOfClean = (set: ImageSet) => protocolOf({ suite: 'STANDARD' }, set).fingerprint;
const keyOf = ({ measurement }: Planned, set: ImageSet) => protocolOf(measurement, set).fingerprint;

const written = (flags: Uint8Array) => flags.join('');
const read = (outcomes: string) => Uint8Array.from(outcomes, Number);

/** set: the whole one, of which the flags are a part. */
export function keepClean(taken: Taken, set: ImageSet, clean: Uint8Array): void {
  taken[keyOfClean(set)] = { outcomes: written(clean) };
}

export function keepSurvivors(taken: Taken, planned: Planned, set: ImageSet, { robust, ended: _, ...facts }: Survivors): void {
  taken[keyOf(planned, set)] = { outcomes: written(robust), facts };
}

/** Flags of the whole set; undefined where it was not measured. */
export function cleanOf(taken: Taken, set: ImageSet): Uint8Array | undefined {
  const found = taken[keyOfClean(set)];
  return found && read(found.outcomes);
}

export function survivorsOf(taken: Taken, planned: Planned, set: ImageSet): Survivors | undefined {
  const found = taken[keyOf(planned, set)];
  return found?.facts && { ...found.facts, robust: read(found.outcomes), ended: false };
}

type Counts = Record<string, number>;

const addCounts = <Facts extends object>(first: Facts, second: Facts): Facts =>
  Object.fromEntries(Object.entries(first).map(([name, value]) => [name, value + ((second as Counts)[name] ?? 0)])) as Facts;

function addParts(first: Survivors['parts'], second: Survivors['parts']): Survivors['parts'] {
  return Object.fromEntries(Object.entries(first).map(([name, facts]) => [name, addCounts<PartFacts>(facts, second[name] as PartFacts)]));
}

function add(first: TakenOne, second: TakenOne): TakenOne {
  const outcomes = first.outcomes + second.outcomes;
  if (!first.facts || !second.facts) return { outcomes };
  const { parts, ...counts } = first.facts;
  const { parts: others, ...more } = second.facts;
  return { outcomes, facts: { ...addCounts(counts, more), parts: addParts(parts, others) } };
}

/** The slices of a set, in order, as one. Throws EngineError where they are not of the same measurements. */
export function joinTaken(slices: readonly Taken[]): Taken {
  const [first = {}, ...rest] = slices;
  const names = Object.keys(first);
  if (rest.some((slice) => Object.keys(slice).length !== names.length || names.some((name) => !slice[name])))
    throw new EngineError('The slices of the evaluation are of different measurements.', 'Start the run again.');
  return Object.fromEntries(
    names.map((name) => [name, rest.reduce((sum, slice) => add(sum, slice[name] as TakenOne), first[name] as TakenOne)]),
  );
}
