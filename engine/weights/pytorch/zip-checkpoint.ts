/** Checkpoints of PyTorch 1.6 and newer: a zip file with a pickle, data.pkl, and a member for every storage. */
import { EngineError } from '../../errors.ts';
import { readPickle } from './pickle.ts';
import { type ByteSource, damaged } from './source.ts';
import { storageOf } from './storage.ts';
import type { Storage } from './tensor.ts';
import type { PickleValue } from './values.ts';
import { isCompressed, readMember, readZip, type ZipMember } from './zip.ts';

/** Bytes of the pickle, which holds names and shapes only. */
const mostPickleBytes = 64 * 2 ** 20;

/** What was saved. Throws EngineError for files that torch.save did not write. */
export function readZipCheckpoint(source: ByteSource): PickleValue {
  const listed = readZip(source, { deflated: true });
  const members = new Map(listed.map((member) => [member.name, member]));
  const pickles = [...members.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const [pickle] = pickles;
  if (!pickle || pickles.length > 1) throw damaged(`its zip has ${pickles.length} members data.pkl in a folder, and not one`);
  const folder = pickle.slice(0, -'data.pkl'.length);
  if (members.has(`${folder}constants.pkl`) || listed.some(({ name }) => name.startsWith(`${folder}code/`)))
    throw new EngineError(
      'The file is a TorchScript program.',
      'Save the weights alone: torch.save(torch.jit.load(path).state_dict(), other).',
    );
  const compressed = listed.find(({ isDeflated }) => isDeflated);
  if (compressed) throw isCompressed(compressed.name);
  const order = members.get(`${folder}byteorder`);
  if (order && new TextDecoder().decode(readMember(source, order)) !== 'little') throw damaged('its values are not in little-endian order');
  const bytes = readMember(source, within(members.get(pickle) as ZipMember, mostPickleBytes));
  const storages = new Map<string, Storage>();
  let at = 0;
  const take = (length: number) => {
    if (length > bytes.length - at) throw damaged('its pickle is cut off');
    at += length;
    return bytes.slice(at - length, at);
  };
  return readPickle({ take }, (id) =>
    storageOf(id, storages, ({ key, bytes: wanted }) => {
      const member = members.get(`${folder}data/${key}`);
      if (!member) throw damaged(`the storage ${JSON.stringify(key.slice(0, 100))} is missing`);
      if (member.length !== wanted) throw damaged(`the storage ${key} has ${member.length} bytes, and the pickle speaks of ${wanted}`);
      let isChecked = false;
      return (begin, end) => {
        if (isChecked) return source.read(member.offset + begin, end - begin);
        const all = readMember(source, member);
        isChecked = true;
        return begin === 0 && end === all.length ? all : all.slice(begin, end);
      };
    }),
  );
}

function within(member: ZipMember, most: number): ZipMember {
  if (member.length > most) throw damaged(`its pickle has ${member.length} bytes; ${most} are the most`);
  return member;
}
