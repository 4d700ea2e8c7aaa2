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

const constructors: Record<string, Constructor> = {
  'collections.OrderedDict': dict,
  'torch._utils._rebuild_tensor': tensor,
  'torch._utils._rebuild_tensor_v2': tensor,
  'torch._utils._rebuild_parameter': first,
  'torch._utils._rebuild_parameter_with_state': first,
  'torch.Size': first,
  'torch.device': opaque,
  'torch.serialization._get_layout': opaque,
  'argparse.Namespace': opaque,
  'types.SimpleNamespace': opaque,
  'collections.defaultdict': () => new Map(),
  'collections.Counter': () => new Map(),
  'builtins.set': () => [],
  'pathlib.PosixPath': opaque,
  'datetime.datetime': opaque,
  '_codecs.encode': opaque,
  'numpy.dtype': opaque,
  'numpy.ndarray': opaque,
  'numpy.core.multiarray.scalar': opaque,
  'numpy._core.multiarray.scalar': opaque,
  'numpy.core.multiarray._reconstruct': opaque,
  'numpy._core.multiarray._reconstruct': opaque,
};

/** Types without a constructor of their own: names that only stand for something. */
const typeNames = ['float16', 'float32', 'float64', 'bfloat16', 'int8', 'int16', 'int32', 'int64', 'uint8', 'bool'].map(
  (name) => `torch.${name}`,
);

/** Throws EngineError for every name that is not on the list. */
export function findConstructor(name: string): PickleValue {
  const type = name.startsWith('torch.') && name.endsWith('Storage') ? storageTypes[name.slice('torch.'.length)] : undefined;
  if (type) return new StorageTypeName(type);
  if (typeNames.includes(name)) return new Opaque();
  if (Object.hasOwn(constructors, name)) return constructors[name] as Constructor;
  throw new EngineError(
    `The checkpoint asks for ${JSON.stringify(name.slice(0, 200))}, which is not needed to hold weights. It was not run.`,
    'Save the weights alone, with torch.save(model.state_dict(), path), from a program that you trust.',
  );
}
