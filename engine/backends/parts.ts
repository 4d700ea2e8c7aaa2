/** Cuts the inputs of a call into parts by images, and joins what the parts gave. */
import { EngineError } from '../errors.ts';
import { rowsOf, sizeOf } from '../ops/arrays.ts';
import type { HostArray, HostArrays, Rows } from './backend.ts';

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
    const cut = rows.inputs.map((name) => [name, rowsOf(inputs[name] as HostArray, begin, end)] as const);
    parts.push({ ...inputs, ...Object.fromEntries(cut) });
  }
  return parts;
}

/**
 * Takes the outputs of parts, one after the other, and makes of them what one call of all images would have given. A part is let go
 * once it is added: memory is short here.
 */
export class Joined {
  readonly outputs: HostArrays = {};
  private done = 0;

  /** total: images of all parts. */
  constructor(
    private readonly total: number,
    private readonly rows: Rows,
  ) {}

  /** count: images of this part. */
  add(part: HostArrays, count: number): void {
    for (const [name, array] of Object.entries(part)) {
      const how = this.rows.outputs(name);
      if (how === 'rows') this.addRows(name, array);
      else this.addTo(name, array, how === 'sum' ? 1 : count / this.total);
    }
    this.done += count;
  }

  private addRows(name: string, { shape, dtype, data }: HostArray): void {
    const length = sizeOf(shape.slice(1));
    const whole = () => new (data.constructor as Float32ArrayConstructor)(this.total * length);
    this.outputs[name] ??= { shape: [this.total, ...shape.slice(1)], dtype, data: whole() };
    this.outputs[name].data.set(data, this.done * length);
  }

  private addTo(name: string, array: HostArray, factor: number): void {
    if (array.dtype !== 'float32') throw new EngineError(`${name}, of type ${array.dtype}, cannot be added up over parts of a batch.`);
    this.outputs[name] ??= { ...array, data: new Float32Array(array.data.length) };
    const sums = this.outputs[name].data;
    for (let index = 0; index < sums.length; index++) sums[index] = (sums[index] as number) + factor * (array.data[index] as number);
  }
}
