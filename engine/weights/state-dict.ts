/** Between the engine's weights and files of the official layout: convolutions out x in x height x width, linear out x in. */
import type { HostArray } from '../backends/backend.ts';
import { EngineError } from '../errors.ts';
import { formatSafetensors, parseSafetensors, type RawTensor } from './safetensors.ts';
import type { Weights } from './weights.ts';

/** Order of the axes of a file's tensor in the engine's layout. */
function engineAxes(rank: number): number[] | undefined {
  if (rank === 4) return [2, 3, 1, 0];
  return rank === 2 ? [1, 0] : undefined;
}

/** An entry's shape as a file has it. */
export const officialShape = (shape: readonly number[]): number[] => {
  const axes = engineAxes(shape.length);
  return axes ? axes.map((_, axis) => shape[axes.indexOf(axis)] as number) : [...shape];
};

/** Copies row-major data with its axes reordered: axis i of the result is axis axes[i] of the source. */
function transposed(data: Float32Array, shape: number[], axes: number[]): { shape: number[]; data: Float32Array } {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, side) => product * side, 1));
  const newShape = axes.map((axis) => shape[axis] as number);
  const newStrides = axes.map((axis) => strides[axis] as number);
  const result = new Float32Array(data.length);
  const index = newShape.map(() => 0);
  let source = 0;
  for (let target = 0; target < result.length; target++) {
    result[target] = data[source] as number;
    for (let axis = newShape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      source += newStrides[axis] as number;
      if ((index[axis] as number) < (newShape[axis] as number)) break;
      source -= (newShape[axis] as number) * (newStrides[axis] as number);
      index[axis] = 0;
    }
  }
  return { shape: newShape, data: result };
}

/** float32 values of a tensor of type F32 or F64. */
export function floatsOf(name: string, { dtype, bytes }: RawTensor): Float32Array {
  const aligned = new Uint8Array(bytes);
  if (dtype === 'F32') return new Float32Array(aligned.buffer);
  if (dtype === 'F64') return Float32Array.from(new Float64Array(aligned.buffer));
  throw new EngineError(`Tensor "${name}" is of type ${dtype}; weights are F32 or F64.`, 'Convert the checkpoint to float32.');
}

/** A tensor of a file, in the engine's layout. */
export function fromOfficial(name: string, tensor: RawTensor): HostArray {
  const data = floatsOf(name, tensor);
  const axes = engineAxes(tensor.shape.length);
  return { dtype: 'float32', ...(axes ? transposed(data, tensor.shape, axes) : { shape: tensor.shape, data }) };
}

/** A tensor as a file has it. */
export function toOfficial({ shape, data }: HostArray): RawTensor {
  const axes = engineAxes(shape.length);
  const inverse = axes?.map((_, axis) => axes.indexOf(axis));
  const official = inverse ? transposed(data as Float32Array, shape, inverse) : { shape, data: data as Float32Array };
  const { buffer, byteOffset, byteLength } = official.data;
  return { dtype: 'F32', shape: official.shape, bytes: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength) };
}

/** Weights from the bytes of a safetensors file. `num_batches_tracked` counters are left out: nothing here needs them. */
export function readWeights(bytes: Uint8Array): Weights {
  const entries = Object.entries(parseSafetensors(bytes).tensors).filter(([name]) => !name.endsWith('num_batches_tracked'));
  return Object.fromEntries(entries.map(([name, tensor]) => [name, fromOfficial(name, tensor)]));
}

/** The bytes of a safetensors file that PyTorch loads under the same names. */
export function writeWeights(weights: Weights, metadata: Record<string, string> = {}): Uint8Array {
  const tensors = Object.entries(weights).map(([name, array]) => [name, toOfficial(array)]);
  return formatSafetensors({ tensors: Object.fromEntries(tensors), metadata });
}
