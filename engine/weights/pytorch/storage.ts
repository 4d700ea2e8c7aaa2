/** Storages as persistent ids name them: ('storage', type, key, device, length). */
import { StorageTypeName } from './constructors.ts';
import { damaged } from './source.ts';
import type { Storage } from './tensor.ts';
import type { PickleValue } from './values.ts';

export interface StorageAbout {
  key: string;
  /** Of the whole storage. */
  bytes: number;
}

/** The storage of a persistent id: made by `locate` at its first mention, which returns what reads its bytes; the same one later. */
export function storageOf(
  id: PickleValue,
  storages: Map<string, Storage>,
  locate: (about: StorageAbout) => (begin: number, end: number) => Uint8Array,
): Storage {
  if (!Array.isArray(id) || id[0] !== 'storage' || id.length < 5) throw damaged('its pickle refers to something that is no storage');
  const [, name, key, , length, view = null] = id;
  if (!(name instanceof StorageTypeName)) throw damaged('a storage has no type');
  if (typeof key !== 'string' || !/^[\w-]{1,100}$/.test(key)) throw damaged('a storage has no key');
  if (!Number.isSafeInteger(length) || (length as number) < 0) throw damaged(`the storage ${key} has no length`);
  if (view !== null) throw damaged(`the storage ${key} is a view of another, as PyTorch before 0.4 wrote them`);
  const { type } = name;
  const known = storages.get(key);
  if (known) {
    if (known.type !== type || known.length !== length) throw damaged(`the storage ${key} is mentioned with two types or lengths`);
    return known;
  }
  const read = locate({ key, bytes: (length as number) * type.bytes });
  const storage: Storage = {
    kind: 'storage',
    ...{ key, type, length: length as number },
    read: (begin, end) => read(begin * type.bytes, end * type.bytes),
  };
  storages.set(key, storage);
  return storage;
}
