/** Files that must not become weights: each with what it does, and what it is refused with. */
import { Call, floats, pickle, Raw, Tensor, type TensorAbout, torchLegacy, torchZip } from './torch-file.ts';
import { deflated, makeZip } from './zip.ts';

const storages = { w: floats(1, 2, 3, 4, 5, 6), b: floats(0.5, -0.5) };
const weight = (about: Partial<TensorAbout> = {}) => new Tensor({ storage: 'w', shape: [2, 3], ...about });
const bias = new Tensor({ storage: 'b', shape: [2] });
const linear = { 'fc.weight': weight(), 'fc.bias': bias };

const call = (name: string, ...args: unknown[]) => torchZip({ state_dict: linear, more: new Call(name, args) }, storages);
const broken = (about: Partial<TensorAbout>) => torchZip({ fc: weight(about) }, storages);
const claimed = (claims: Parameters<typeof torchZip>[3]) => torchZip(linear, storages, [], claims);
const legacy = (claims: Parameters<typeof torchLegacy>[2]) => torchLegacy(linear, storages, claims);
const pickleOf = (...bytes: (string | number[])[]) =>
  makeZip([['archive/data.pkl', Buffer.concat([Buffer.from([0x80, 2]), ...bytes.map((part) => Buffer.from(part as string))])]]);
const good = torchZip(linear, storages);

export const hostileFiles: [string, Uint8Array, RegExp][] = [
  ['a call of os.system', call('os.system', 'touch /tmp/ran'), /asks for "os\.system".*not run/],
  ['a call of posix.system', call('posix.system', 'id'), /"posix\.system"/],
  ['a call of eval', call('builtins.eval', '1'), /"builtins\.eval"/],
  ['a call of getattr', call('builtins.getattr', 'a', 'b'), /"builtins\.getattr"/],
  ['a call of subprocess', call('subprocess.Popen', ['id']), /"subprocess\.Popen"/],
  ['a call of torch.load', call('torch.load', 'x'), /"torch\.load"/],
  ['a call of torch.hub.load', call('torch.hub.load', 'x'), /"torch\.hub\.load"/],
  ['a network by its class', call('__main__.Net'), /"__main__\.Net".*\n?/],
  ['a name that objects have anyway', call('constructor.x'), /"constructor\.x"/],
  ['__proto__ as a name', pickleOf('c__proto__\nx\n.'), /"__proto__\.x"/],
  ['toString as a storage', pickleOf('ctorch\ntoStringStorage\n.'), /"torch\.toStringStorage"/],
  ['a name from the stack', pickleOf('X', [2, 0, 0, 0], 'os', 'X', [6, 0, 0, 0], 'system', [0x93], '.'), /"os\.system"/],
  ['the instruction INST', pickleOf('(ios\nsystem\n.'), /instruction 0x69/],
  ['the instruction OBJ', pickleOf('(o.'), /instruction 0x6f/],
  ['an extension code', pickleOf([0x82, 1], '.'), /instruction 0x82/],
  ['a persistent id as text', pickleOf('Pstorage\n.'), /instruction 0x50/],
  ['a call of a tensor', torchZip({ fc: new Raw(Buffer.from('}(u)R')) }, storages), /calls something that is no constructor/],
  ['a value recalled that was never kept', pickleOf('h', [5], '.'), /never kept/],
  ['a pickle without an end', pickleOf('}'), /cut off/],
  ['a pickle with values left over', pickleOf('}}.'), /left over/],
  ['a pickle that takes from an empty stack', pickleOf('0.'), /not there/],
  ['text that is not UTF-8', pickleOf('X', [2, 0, 0, 0, 0xc3, 0x28], '.'), /not UTF-8/],
  ['text longer than the file', pickleOf('X', [0xff, 0xff, 0xff, 0x7f], 'a.'), /cut off/],
  ['a line without an end', pickleOf('c', 'a'.repeat(2000)), /1,000 characters/],
  ['a number of many bytes', pickleOf([0x8a, 200], 'a'.repeat(200), '.'), /number of 200 bytes/],
  ['a persistent id that is no storage', pickleOf('X', [1, 0, 0, 0], 'a', 'Q.'), /no storage/],
  ['a stride of 0', broken({ stride: [0, 1] }), /not those of values side by side/],
  ['rows that overlap', broken({ stride: [1, 1] }), /not those of values side by side/],
  ['gaps between values', broken({ shape: [1, 3], stride: [6, 2] }), /not those of values side by side/],
  ['more values than its storage has', broken({ shape: [3, 3] }), /values 0 to 9 of a storage of 6/],
  ['an offset beyond its storage', broken({ offset: 1 }), /values 1 to 7 of a storage of 6/],
  ['a negative offset', broken({ offset: -1 }), /list of up to eight sizes/],
  ['a negative size', broken({ shape: [-1, 3], stride: [3, 1] }), /list of up to eight sizes/],
  ['a size that no memory has', broken({ shape: [2 ** 30, 2 ** 30], stride: [2 ** 30, 1] }), /too large/],
  ['half a size', broken({ shape: [1.5, 2] }), /list of up to eight sizes/],
  ['as many strides as it likes', broken({ stride: [3, 1, 1] }), /2 sizes and 3 strides/],
  ['a storage of another length than its member', broken({ length: 1000 }), /has 24 bytes, and the pickle speaks of 4000/],
  ['a storage of another type than its member', broken({ type: 'DoubleStorage', length: 6 }), /has 24 bytes, and the pickle speaks of 48/],
  ['a storage whose key is a path', torchZip({ fc: weight({ storage: '../../etc/passwd', length: 6 }) }, storages), /has no key/],
  ['a storage that is missing', torchZip({ fc: weight({ storage: 'gone', length: 6 }) }, storages), /"gone" is missing/],
  [
    'a storage of two types',
    torchZip({ a: weight(), b: weight({ type: 'LongStorage', length: 3, shape: [3] }) }, storages),
    /two types or lengths/,
  ],
  ['tensors that lie upon each other', torchZip({ a: weight(), b: weight({ shape: [2, 2], offset: 1 }) }, storages), /lie upon each other/],
  [
    'one storage under a thousand names',
    torchZip(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`w${i}`, weight()])), storages),
    /lie upon each other/,
  ],
  ['no weights', torchZip({ epoch: 3, acc: bias }, storages), /holds no weights/],
  ['a member of other bytes than were written', claimed({ w: { crc: 1 } }), /other bytes than were written/],
  ['a compressed member', claimed({ w: { method: 8 } }), /is compressed/],
  ['an encrypted member', claimed({ w: { flags: 1 } }), /is encrypted/],
  ['a member that is longer than the file', claimed({ w: { length: 10_000 } }), /ends beyond the file/],
  ['members upon each other', claimed({ b: { header: 0 } }), /not where the directory says/],
  ['a member that begins nowhere', claimed({ w: { header: 3 } }), /not where the directory says|asked for/],
  ['two members of one name', torchZip(linear, storages, [['archive/data/w', storages.w]]), /two members of one name/],
  ['a member of a folder above', torchZip(linear, storages, [['../../evil', 'x']]), /of the name/],
  ['a member of an absolute name', torchZip(linear, storages, [['/etc/passwd', 'x']]), /of the name/],
  ['a member of a name with a zero', torchZip(linear, storages, [['a\0b', 'x']]), /of the name/],
  ['two pickles', torchZip(linear, storages, [['other/data.pkl', 'x']]), /2 members data\.pkl/],
  ['no pickle', makeZip([['archive/x', 'y']]), /0 members data\.pkl/],
  [
    'a TorchScript program whose code is compressed',
    makeZip([['archive/data.pkl', 'x'], deflated('archive/code/__torch__/net.py', 'def forward(self, x): return x')]),
    /TorchScript/,
  ],
  ['a TorchScript program', torchZip(linear, storages, [['archive/constants.pkl', 'x']]), /TorchScript/],
  ['values in big-endian order', torchZip(linear, storages, [['archive/byteorder', 'big']]), /little-endian/],
  ['old values in big-endian order', legacy({ system: { little_endian: false } }), /little-endian/],
  ['an old file of another protocol', legacy({ protocol: 999 }), /protocol is 999/],
  ['an old file that lists a storage twice', legacy({ keys: ['w', 'w'] }), /list of storages/],
  ['an old file that lists other storages', legacy({ keys: ['w', 'x'] }), /does not use/],
  ['an old storage of another length', legacy({ lengths: { w: 7 } }), /holds 7 values/],
  ['an old file with more behind it', Buffer.concat([legacy({}), Buffer.from('more')]), /4 bytes follow/],
  ['an old file that is cut off', legacy({}).subarray(0, -3), /cut off|asked for/],
  ['a zip that is cut off', good.subarray(0, -3), /directory is missing/],
  ['a gzip archive', Buffer.from([0x1f, 0x8b, 8, 0]), /gzip/],
  ['an HDF5 file', Buffer.from([0x89, 0x48, 0x44, 0x46]), /HDF5/],
  ['a NumPy array', Buffer.from([0x93, ...Buffer.from('NUMPY')]), /NumPy/],
  ['an empty file', Buffer.alloc(0), /is empty/],
  ['a text', Buffer.from('these are no weights at all'), /neither a PyTorch checkpoint nor safetensors/],
  ['a bare pickle', pickle(linear, storages), /neither a PyTorch checkpoint nor safetensors/],
];
