/** Cuts the inputs of a call into parts by images, and joins what the parts gave. */
import { EngineError } from '../errors.ts';
import type { HostArray, HostArrays, Rows } from './backend.ts';

const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

function slice({ shape, dtype, data }: HostArray, begin: number, end: number): HostArray {
  const length = sizeOf(shape.slice(1));
  return { shape: [end - begin, ...shape.slice(1)], dtype, data: data.slice(begin * length, end * length) };
}

/** Images of a call; undefined when its inputs do not agree. */
export function imagesOf(inputs: HostArrays, rows: Rows): number | undefined {
  const counts = new Set(rows.inputs.map((name) => inputs[name]?.shape[0]));
  const [count] = counts;
  return counts.size === 1 ? count : undefined;
}

/** Parts of at most `most` images, nearly equal, in order. */
export function cutInputs(inputs: HostArrays, rows: Rows, count: number, most: number): HostArrays[] {
  const size = Math.ceil(count / Math.ceil(count / most));
  const parts: HostArrays[] = [];
  for (let begin = 0; begin < count; begin += size) {
    const end = Math.min(count, begin + size);
    const cut = rows.inputs.map((name) => [name, slice(inputs[name] as HostArray, begin, end)] as const);
    parts.push({ ...inputs, ...Object.fromEntries(cut) });
  }
  return parts;
}

function concatenate(arrays: readonly HostArray[]): HostArray {
  const [first] = arrays as [HostArray, ...HostArray[]];
  const count = arrays.reduce((sum, { shape }) => sum + (shape[0] as number), 0);
  const data = new (first.data.constructor as Float32ArrayConstructor)(count * sizeOf(first.shape.slice(1)));
  let at = 0;
  for (const array of arrays) {
    data.set(array.data, at);
    at += array.data.length;
  }
  return { shape: [count, ...first.shape.slice(1)], dtype: first.dtype, data };
}

function weighted(arrays: readonly HostArray[], factors: readonly number[]): HostArray {
  const [first] = arrays as [HostArray, ...HostArray[]];
  if (first.dtype !== 'float32') throw new EngineError(`A result of type ${first.dtype} cannot be added up over parts of a batch.`);
  const sums = new Float64Array(first.data.length);
  for (const [part, { data }] of arrays.entries())
    for (let index = 0; index < sums.length; index++)
      sums[index] = (sums[index] as number) + (factors[part] as number) * (data[index] as number);
  return { ...first, data: Float32Array.from(sums) };
}

/** What one call of all images would have given, as far as rows allow. counts: images of each part. */
export function joinOutputs(parts: readonly HostArrays[], counts: readonly number[], rows: Rows): HostArrays {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const names = Object.keys(parts[0] as HostArrays);
  const joined = names.map((name) => {
    const arrays = parts.map((part) => part[name] as HostArray);
    const how = rows.outputs(name);
    if (how === 'rows') return [name, concatenate(arrays)] as const;
    return [name, weighted(arrays, how === 'sum' ? counts.map(() => 1) : counts.map((count) => count / total))] as const;
  });
  return Object.fromEntries(joined);
}
