/** What a checkpoint says about its modules, read from the tensors themselves. */
import type { TensorPlace } from './safetensors.ts';

export interface ModuleRecord {
  name: string;
  /** In PyTorch's order. */
  shape: number[];
  parameters: number;
  /** The l2 norm of the weight. */
  norm: number;
}

const product = (shape: readonly number[]) => shape.reduce((size, extent) => size * extent, 1);

/** The module that owns a tensor: `layer2.1.conv2` of `layer2.1.conv2.weight`. */
export const ownerOf = (tensor: string) => tensor.slice(0, Math.max(tensor.lastIndexOf('.'), 0)) || tensor;

const isBuffer = (name: string) => /\.(running_mean|running_var|num_batches_tracked)$/.test(name);
const isModuleWeight = ({ name, shape }: TensorPlace) => name.endsWith('.weight') && shape.length >= 2;

/** Learned numbers; running statistics are not counted. */
export function countParameters(tensors: readonly TensorPlace[]): number {
  return tensors.filter(({ name }) => !isBuffer(name)).reduce((sum, { shape }) => sum + product(shape), 0);
}

/** The convolutions and linear layers in the order of the file; read gives a tensor's bytes. */
export async function describeModules(
  tensors: readonly TensorPlace[],
  read: (tensor: TensorPlace) => Promise<Buffer>,
): Promise<ModuleRecord[]> {
  const modules: ModuleRecord[] = [];
  for (const weight of tensors.filter(isModuleWeight)) {
    const name = ownerOf(weight.name);
    const own = tensors.filter((tensor) => ownerOf(tensor.name) === name);
    modules.push({ name, shape: weight.shape, parameters: countParameters(own), norm: norm(weight, await read(weight)) });
  }
  return modules;
}

function norm({ name, dtype }: TensorPlace, bytes: Buffer): number {
  if (dtype !== 'F32') throw new Error(`Tensor ${name} is stored as ${dtype}; checkpoints are kept as F32.`);
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}
