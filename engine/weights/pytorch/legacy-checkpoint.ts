/** Checkpoints of PyTorch before 1.6: pickles one after another, then every storage's length and bytes. */
import { readPickle } from './pickle.ts';
import { type ByteSource, damaged } from './source.ts';
import { storageOf } from './storage.ts';
import type { Storage } from './tensor.ts';
import type { PickleValue } from './values.ts';

/** The number that such a file begins with, 0x1950a86a20f9469cfc6c, as its pickle has it. */
const magic = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/** head: the first 23 bytes or more. From protocol 4 on a pickle has a frame around its values. */
export function isLegacyCheckpoint(head: Uint8Array): boolean {
  const begin = head[2] === 0x95 ? 11 : 2;
  return head[0] === 0x80 && magic.every((byte, index) => head[begin + index] === byte);
}

const protocolVersion = 1001;
/** Bytes of all pickles, which hold names and shapes only. */
const mostPickleBytes = 64 * 2 ** 20;
const windowBytes = 1 << 16;

/** Reads on from the beginning, a window at a time. */
function reader(source: ByteSource) {
  const most = Math.min(source.size, mostPickleBytes);
  let window: Uint8Array = new Uint8Array();
  let begin = 0;
  let at = 0;
  return {
    position: () => at,
    take(length: number): Uint8Array {
      if (at + length > most) throw damaged('its pickles are cut off');
      if (at + length > begin + window.length) {
        begin = at;
        window = source.read(at, Math.min(Math.max(length, windowBytes), source.size - at));
      }
      at += length;
      return window.slice(at - length - begin, at - begin);
    },
  };
}

const noStorages = (): never => {
  throw damaged('its head refers to a storage');
};

/** What was saved. */
export function readLegacyCheckpoint(source: ByteSource): PickleValue {
  const input = reader(source);
  readPickle(input, noStorages);
  const version = readPickle(input, noStorages);
  if (version !== protocolVersion) throw damaged(`its protocol is ${String(version)} and not ${protocolVersion}`);
  const system = readPickle(input, noStorages);
  if (!(system instanceof Map) || system.get('little_endian') !== true) throw damaged('its values are not in little-endian order');
  const places = new Map<string, number>();
  const storages = new Map<string, Storage>();
  const lengths = new Map<string, number>();
  const saved = readPickle(input, (id) =>
    storageOf(id, storages, ({ key, bytes }) => {
      lengths.set(key, bytes);
      return (begin, end) => source.read((places.get(key) as number) + begin, end - begin);
    }),
  );
  const keys = readPickle(input, noStorages);
  if (!Array.isArray(keys) || new Set(keys).size !== keys.length || keys.length !== storages.size)
    throw damaged('its list of storages is not that of the storages it uses');
  let place = input.position();
  for (const key of keys) {
    const storage = storages.get(String(key));
    if (!storage) throw damaged(`it lists a storage ${JSON.stringify(String(key)).slice(0, 100)} that it does not use`);
    const head = source.read(place, 8);
    const length = new DataView(head.buffer).getBigInt64(0, true);
    if (length !== BigInt(storage.length))
      throw damaged(`the storage ${storage.key} holds ${length} values, and its pickle says ${storage.length}`);
    places.set(storage.key, place + 8);
    place += 8 + (lengths.get(storage.key) as number);
  }
  if (place !== source.size)
    throw damaged(place > source.size ? 'its last storage is cut off' : `${source.size - place} bytes follow its last storage`);
  return saved;
}
