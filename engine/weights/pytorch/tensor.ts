/** Tensors of a PyTorch file: a view of a storage, read when it is asked for. */
import { EngineError } from '../../errors.ts';
import { damaged } from './source.ts';
import type { PickleObject } from './values.ts';

/** toFloats: undefined where the values are no floating-point numbers. */
export interface StorageType {
  /** Of one value. */
  bytes: number;
  toFloats?: (bytes: Uint8Array) => Float32Array;
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array) => new DataView(buffer, byteOffset, byteLength);

function eachOf(bytes: Uint8Array, size: number, read: (view: DataView, at: number) => number): Float32Array {
  const view = viewOf(bytes);
  const values = new Float32Array(bytes.length / size);
  for (let index = 0; index < values.length; index++) values[index] = read(view, index * size);
  return values;
}

/** The same memory where it is aligned. */
function plainFloats(bytes: Uint8Array): Float32Array {
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Float32Array(buffer, byteOffset, byteLength / 4);
}

/** float16 (IEEE 754 binary16): sign, five bits of exponent, ten of fraction. */
function halfOf(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const size =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 31
        ? fraction
          ? Number.NaN
          : Number.POSITIVE_INFINITY
        : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}

/** bfloat16 is the upper half of a float32. */
function brainFloats(bytes: Uint8Array): Float32Array {
  const view = viewOf(bytes);
  const wide = new Uint32Array(bytes.length / 2);
  for (let index = 0; index < wide.length; index++) wide[index] = view.getUint16(2 * index, true) << 16;
  return new Float32Array(wide.buffer);
}

/** By the name of the class in torch. */
export const storageTypes: Record<string, StorageType> = {
  FloatStorage: { bytes: 4, toFloats: plainFloats },
  DoubleStorage: { bytes: 8, toFloats: (bytes) => eachOf(bytes, 8, (view, at) => view.getFloat64(at, true)) },
  HalfStorage: { bytes: 2, toFloats: (bytes) => eachOf(bytes, 2, (view, at) => halfOf(view.getUint16(at, true))) },
  BFloat16Storage: { bytes: 2, toFloats: brainFloats },
  LongStorage: { bytes: 8 },
  IntStorage: { bytes: 4 },
  ShortStorage: { bytes: 2 },
  CharStorage: { bytes: 1 },
  ByteStorage: { bytes: 1 },
  BoolStorage: { bytes: 1 },
};

/** Values of one type; `read` gives some of their bytes. */
export interface Storage extends PickleObject {
  readonly kind: 'storage';
  readonly key: string;
  readonly type: StorageType;
  /** Values. */
  readonly length: number;
  read(begin: number, end: number): Uint8Array;
}

const product = (sizes: readonly number[]) => sizes.reduce((all, size) => all * size, 1);

/** Strides of row-major values. */
const rowMajor = (shape: readonly number[]) => shape.map((_, axis) => product(shape.slice(axis + 1)));

export class StoredTensor implements PickleObject {
  readonly kind = 'tensor';

  /** offset, shape and stride count values. Throws EngineError for a view that overlaps itself, has gaps, or leaves its storage. */
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly stride: readonly number[],
  ) {
    if (stride.length !== shape.length) throw damaged(`a tensor has ${shape.length} sizes and ${stride.length} strides`);
    if (!Number.isSafeInteger(this.length)) throw damaged(`a tensor of shape [${shape.join(', ')}] is too large`);
    if (this.length > 0 && !isDense(shape, stride))
      throw new EngineError(
        `A tensor of shape [${shape.join(', ')}] has the strides [${stride.join(', ')}], which are not those of values side by side.`,
        'Save copies: torch.save({name: value.contiguous() for name, value in model.state_dict().items()}, path).',
      );
    if (offset + this.length > storage.length)
      throw damaged(`a tensor takes values ${offset} to ${offset + this.length} of a storage of ${storage.length}`);
  }

  get length(): number {
    return product(this.shape);
  }

  get place(): string {
    return [this.storage.key, this.offset, ...this.shape, ...this.stride].join(' ');
  }

  get holdsFloats(): boolean {
    return this.storage.type.toFloats !== undefined;
  }

  /** Row-major float32 values. Throws EngineError where the type is none of floating-point numbers. */
  floats(): Float32Array {
    const { toFloats } = this.storage.type;
    if (!toFloats) throw new EngineError('A tensor of whole numbers stands where weights are expected.');
    const values = toFloats(this.storage.read(this.offset, this.offset + this.length));
    return inOrder(values, this.shape, this.stride);
  }
}

/** Whether the strides are those of row-major values under some order of the axes (channels-last weights are such). */
function isDense(shape: readonly number[], stride: readonly number[]): boolean {
  let expected = 1;
  const axes = shape
    .flatMap((size, axis) => (size > 1 ? [axis] : []))
    .toSorted((one, other) => (stride[one] as number) - (stride[other] as number));
  for (const axis of axes) {
    if (stride[axis] !== expected) return false;
    expected *= shape[axis] as number;
  }
  return true;
}

function inOrder(values: Float32Array, shape: readonly number[], stride: readonly number[]): Float32Array {
  const wanted = rowMajor(shape);
  if (shape.every((size, axis) => size <= 1 || stride[axis] === wanted[axis])) return values;
  return values.map((_, index) => {
    let rest = index;
    let at = 0;
    for (const [axis, size] of wanted.entries()) {
      at += Math.floor(rest / size) * (stride[axis] as number);
      rest %= size;
    }
    return values[at] as number;
  });
}
