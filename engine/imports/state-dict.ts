/** A state dict as a file has it, seen with and without the prefixes that wrappers put in front of its names. */
import type { StateDictAbout, TensorAbout } from './family.ts';

export interface View {
  /** What stands in front of every weight's name in the file: `module.`, or empty. */
  prefix: string;
  tensors: StateDictAbout;
}

/** Wrappers go at most this deep: DataParallel around a compiled network around its normalisation. */
const mostPrefixes = 4;

/** Of batches, or of averaged weights (`n_averaged`): single whole numbers. */
const isCounter = (name: string, { shape, holdsFloats }: TensorAbout) =>
  /(^|\.)num_batches_tracked$/.test(name) || (shape.length === 0 && !holdsFloats);

/**
 * The state dict as it is, then without the first part of its names wherever all weights (tensors of two or more dimensions)
 * have the same one: `module.`, `model.`, `net.`, `1.` of a Sequential behind a normalisation. Names that lack it stay.
 */
export function viewsOf(tensors: ReadonlyMap<string, TensorAbout>): View[] {
  const views: View[] = [];
  let seen = new Map([...tensors].filter(([name, about]) => !isCounter(name, about)));
  for (let prefix = ''; views.length <= mostPrefixes; ) {
    views.push({ prefix, tensors: seen });
    const first = sharedPart(seen);
    if (first === undefined) break;
    const inner = new Map([...seen].map(([name, about]) => [name.startsWith(first) ? name.slice(first.length) : name, about]));
    if (inner.size < seen.size) break;
    seen = inner;
    prefix += first;
  }
  return views;
}

/** With its dot. */
function sharedPart(tensors: StateDictAbout): string | undefined {
  const weights = [...tensors].filter(([, { shape }]) => shape.length > 1).map(([name]) => name);
  const [first] = weights;
  const dot = first?.indexOf('.') ?? -1;
  if (first === undefined || dot < 1) return undefined;
  const part = first.slice(0, dot + 1);
  return weights.every((name) => name.startsWith(part) && name.length > part.length) ? part : undefined;
}
