/** State dicts inside what was saved: dicts of tensors by name, at the top or in dicts and lists. */
import { EngineError } from '../../errors.ts';
import { damaged } from './source.ts';
import { StoredTensor } from './tensor.ts';
import type { PickleValue } from './values.ts';

export interface StateDict {
  /** Its keys from the top, joined by dots, as `ema.state_dict` or `state_dict.0`; empty at the top. */
  path: string;
  tensors: ReadonlyMap<string, StoredTensor>;
}

/** There are weights, and none at the place that was asked for. */
export class PlaceError extends EngineError {
  override readonly name = 'PlaceError';
}

const deepest = 4;
/** Entries of a list that are looked at. */
const mostListed = 16;

/** Where programs put the weights to use, in the order in which they are looked for. */
const usualPaths = ['', 'state_dict', 'model_state_dict', 'model', 'net', 'network', 'ema', 'ema_state_dict'];

/** Every dict that holds weights, which are tensors of two or more dimensions; the outermost first. */
export function findStateDicts(saved: PickleValue): StateDict[] {
  const found: StateDict[] = [];
  const seen = new Set<PickleValue>();
  const look = (value: PickleValue, keys: readonly string[]): void => {
    if (typeof value !== 'object' || seen.has(value) || keys.length > deepest) return;
    seen.add(value);
    const entries = entriesOf(value);
    const tensors = entries.filter((entry): entry is [string, StoredTensor] => entry[1] instanceof StoredTensor);
    if (tensors.some(([, { shape }]) => shape.length > 1)) found.push({ path: keys.join('.'), tensors: new Map(tensors) });
    for (const [key, inner] of entries) look(inner, [...keys, key]);
  };
  look(saved, []);
  return found;
}

function entriesOf(value: PickleValue): [string, PickleValue][] {
  if (value instanceof Map) return [...value].filter((entry): entry is [string, PickleValue] => typeof entry[0] === 'string');
  return Array.isArray(value) ? value.slice(0, mostListed).map((inner, index) => [String(index), inner]) : [];
}

/**
 * The state dict at the path, or the one in a usual place when no path is given.
 * Throws EngineError with the paths that there are when none fits.
 */
export function chooseStateDict(found: readonly StateDict[], path?: string): StateDict {
  const listed = found.map((one) => JSON.stringify(one.path)).join(', ');
  const candidates = path === undefined ? usualPaths : [path];
  const chosen =
    candidates.flatMap((candidate) => found.filter((one) => one.path === candidate))[0] ??
    (path === undefined && found.length === 1 ? found[0] : undefined);
  if (!chosen && found.length === 0)
    throw new EngineError('The checkpoint holds no weights.', 'Save them alone, with torch.save(model.state_dict(), path).');
  if (!chosen)
    throw new PlaceError(
      `The checkpoint has no weights ${path === undefined ? 'in a usual place' : `at ${JSON.stringify(path.slice(0, 200))}`}.`,
      `It has some at ${listed}.`,
    );
  checkViews(chosen);
  return chosen;
}

/** Tensors may share a storage where they are apart or the same, as tied weights are; more would be no state dict. */
function checkViews({ tensors }: StateDict): void {
  const views = [...tensors].filter(([, { length }]) => length > 0);
  const order = views.toSorted(([, one], [, other]) => compare(one.storage.key, other.storage.key) || one.offset - other.offset);
  let before: [string, StoredTensor] | undefined;
  let same = 0;
  for (const view of order) {
    const [name, tensor] = view;
    const [beforeName, previous] = before ?? [];
    if (previous && previous.storage === tensor.storage && tensor.offset < previous.offset + previous.length) {
      same += 1;
      if (tensor.offset !== previous.offset || tensor.length !== previous.length || same > mostTied)
        throw damaged(`the tensors ${JSON.stringify(beforeName)} and ${JSON.stringify(name)} lie upon each other`);
    } else same = 0;
    before = view;
  }
}

const mostTied = 8;
const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
