import { EngineError } from '../errors.ts';
import type { Weights } from './weights.ts';

/**
 * (1 - alpha) base + alpha tuned, entry by entry, running statistics included (paper, equation 6).
 * alpha 0 gives base and alpha 1 tuned exactly. Throws EngineError when the two are not of one network.
 */
export function interpolate(base: Weights, tuned: Weights, alpha: number): Weights {
  const names = Object.keys(base);
  const odd = names.find((name) => tuned[name]?.shape.join() !== base[name]?.shape.join());
  if (odd !== undefined || names.length !== Object.keys(tuned).length)
    throw new EngineError(`The two checkpoints are of different networks${odd ? `: ${odd} differs in shape` : ''}.`);
  const blend = (name: string) => {
    const { shape, data } = base[name] as Weights[string];
    const other = (tuned[name] as Weights[string]).data;
    const blended = new Float32Array(data.length);
    for (let index = 0; index < data.length; index++)
      blended[index] = (1 - alpha) * (data[index] as number) + alpha * (other[index] as number);
    return [name, { shape, dtype: 'float32', data: blended }] as const;
  };
  return Object.fromEntries(names.map(blend));
}
