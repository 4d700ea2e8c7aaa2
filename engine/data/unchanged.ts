/** What a folder was found to hold, kept for as long as its files are the same: a listing of datasets looks again, it does not read again. */

const kept = new Map<string, { mark: string; found: unknown }>();

/**
 * What `find` finds; what it found before where the mark is the same. An error is not kept.
 * key: says what is looked for, such as a path; mark: changes whenever something else would be found.
 */
export async function whileUnchanged<T>(key: string, mark: string, find: () => T | Promise<T>): Promise<T> {
  const known = kept.get(key);
  if (known?.mark === mark) return known.found as T;
  const found = await find();
  kept.set(key, { mark, found });
  return found;
}
