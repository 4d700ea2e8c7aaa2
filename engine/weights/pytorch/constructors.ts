/** The names that a checkpoint's pickle may mention, and the plain values that stand for what they make. Nothing of them is run. */
import { EngineError } from '../../errors.ts';
import { damaged } from './source.ts';
import { type Storage, type StorageType, StoredTensor, storageTypes } from './tensor.ts';
import { type Constructor, Opaque, type PickleObject, type PickleValue } from './values.ts';

/** The name of a storage's type, as the persistent ids of storages hold it. */
export class StorageTypeName implements PickleObject {
  readonly kind = 'storage type';

  constructor(readonly type: StorageType) {}
}

const opaque: Constructor = () => new Opaque();

function sizes(value: PickleValue | undefined): number[] {
  if (!Array.isArray(value) || value.length > 8 || !value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0))
    throw damaged('a tensor has a shape that is no list of up to eight sizes');
  return value as number[];
}

const tensor: Constructor = ([storage, offset, size, stride]) => {
  if ((storage as PickleObject | null)?.kind !== 'storage') throw damaged('a tensor has no storage');
  const [begin] = sizes([offset ?? null]);
  return new StoredTensor(storage as Storage, begin as number, sizes(size), sizes(stride));
};

const first: Constructor = ([value]) => value ?? null;

const dict: Constructor = ([items = []]) => {
  if (items instanceof Map) return items;
  if (!Array.isArray(items) || !items.every((item) => Array.isArray(item) && item.length === 2))
    throw damaged('an OrderedDict is made of something else than pairs');
  return new Map(items as [PickleValue, PickleValue][]);
};

const emptyList: Constructor = () => [];
const emptyDict: Constructor = () => new Map();

/** In Python 3 and, by PyTorch's usual protocol, Python 2. */
const builtin = (name: string, make: Constructor): Record<string, Constructor> => ({
  [`builtins.${name}`]: make,
  [`__builtin__.${name}`]: make,
});

/** Things beside the weights that programs save with them. */
const besides = [
  ...['datetime.datetime', 'datetime.date', 'datetime.time', 'datetime.timedelta', 'datetime.timezone', 'decimal.Decimal'],
  ...['pathlib', 'pathlib._local'].flatMap((module) =>
    ['PosixPath', 'PurePosixPath', 'WindowsPath', 'PureWindowsPath'].map((name) => `${module}.${name}`),
  ),
  ...['core', '_core'].flatMap((module) =>
    ['multiarray.scalar', 'multiarray._reconstruct', 'numeric._frombuffer'].map((name) => `numpy.${module}.${name}`),
  ),
  ...['numpy.dtype', 'numpy.ndarray', 'argparse.Namespace', 'types.SimpleNamespace', '_codecs.encode'],
  ...['torch.device', 'torch.serialization._get_layout'],
];

const constructors: Record<string, Constructor> = {
  ...Object.fromEntries(besides.map((name) => [name, opaque])),
  ...builtin('set', emptyList),
  ...builtin('frozenset', emptyList),
  ...builtin('bytearray', opaque),
  ...builtin('complex', opaque),
  ...builtin('range', opaque),
  ...builtin('xrange', opaque),
  ...builtin('slice', opaque),
  'collections.OrderedDict': dict,
  'torch._utils._rebuild_tensor': tensor,
  'torch._utils._rebuild_tensor_v2': tensor,
  'torch._utils._rebuild_parameter': first,
  'torch._utils._rebuild_parameter_with_state': first,
  'torch.Size': first,
  'collections.defaultdict': emptyDict,
  'collections.Counter': emptyDict,
  'collections.deque': emptyList,
};

/** Types without a constructor of their own: names that only stand for something. */
const typeNames = [
  ...['float16', 'float32', 'float64', 'bfloat16', 'int8', 'int16', 'int32', 'int64', 'uint8', 'bool'].map((name) => `torch.${name}`),
  ...['list', 'dict', 'int', 'float', 'str', 'tuple', 'bool'].flatMap((name) => [`builtins.${name}`, `__builtin__.${name}`]),
];

/** What cannot be read as weights though it is meant as such, and how it could be. */
const otherTensors: Record<string, { what: string; hint: string }> = {
  'torch._utils._rebuild_qtensor': { what: 'quantised tensors', hint: 'value.dequantize()' },
  'torch._utils._rebuild_sparse_tensor': { what: 'sparse tensors', hint: 'value.to_dense()' },
  'torch._utils._rebuild_meta_tensor_no_storage': { what: 'tensors without values, of the device meta', hint: '(the value as loaded)' },
  'torch._utils._rebuild_tensor_v3': { what: 'tensors of a type that is not read here', hint: 'value.float()' },
  'torch.ComplexFloatStorage': { what: 'complex numbers', hint: 'torch.view_as_real(value)' },
  'torch.ComplexDoubleStorage': { what: 'complex numbers', hint: 'torch.view_as_real(value)' },
};

/** Throws EngineError for every name that is not on the list. */
export function findConstructor(name: string): PickleValue {
  const type = name.startsWith('torch.') && name.endsWith('Storage') ? storageTypes[name.slice('torch.'.length)] : undefined;
  if (type) return new StorageTypeName(type);
  if (typeNames.includes(name)) return new Opaque();
  if (Object.hasOwn(constructors, name)) return constructors[name] as Constructor;
  if (Object.hasOwn(otherTensors, name)) {
    const { what, hint } = otherTensors[name] as { what: string; hint: string };
    throw new EngineError(
      `The checkpoint holds ${what} (${name}).`,
      `Save plain ones: torch.save({name: ${hint} for name, value in model.state_dict().items()}, path).`,
    );
  }
  if (name.startsWith('torch.nn.'))
    throw new EngineError(
      `The checkpoint holds a network as a Python object (${name.slice(0, 200)}), and not its weights alone. It was not run.`,
      'Save the weights, from a program that you trust: torch.save(torch.load(path, weights_only=False).state_dict(), other).',
    );
  throw new EngineError(
    `The checkpoint asks for ${JSON.stringify(name.slice(0, 200))}, which is not needed to hold weights. It was not run.`,
    'Save the weights alone, with torch.save(model.state_dict(), path), from a program that you trust.',
  );
}
