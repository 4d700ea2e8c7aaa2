/** What is remembered of the steps that one call takes on end, for the findings about its images. */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArrays, Tensors } from '../backends/backend.ts';
import type { Finding } from './attack.ts';
import { repeated } from './rows.ts';

/** Of every image, [count]: whether the step fooled it, whether its gradient was exactly zero (1 or 0), and its loss. */
interface Seen {
  fooled: tf.Tensor;
  vanished: tf.Tensor;
  losses: tf.Tensor;
}

const remembered = ['fooled', 'vanished', 'total'] as const;

/** Outputs of a step that remembers, from its inputs and from what it saw. A gradient counts as long as the image is not fooled. */
export function remember(inputs: Tensors, seen: Seen): Tensors {
  const before = inputs as Record<(typeof remembered)[number], tf.Tensor>;
  const fooled = tf.maximum(before.fooled, seen.fooled);
  const vanished = tf.maximum(before.vanished, tf.mul(seen.vanished, tf.sub(1, fooled)));
  // The sum is finite as long as every loss was.
  return { fooled, vanished, total: tf.add(before.total, seen.losses), losses: seen.losses };
}

/** Inputs of a call whose steps remember nothing yet. */
export const nothingSeen = (count: number): HostArrays => Object.fromEntries(remembered.map((name) => [name, repeated(0, count)]));

/** Outputs that are inputs of the next step: what is remembered, and these. */
export const fedBack = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries([...remembered, ...names].map((name) => [name, name]));

/** What a call of so many passes found out about the image of a row; OPEN where it is not fooled. */
export function findingOf(outputs: HostArrays, row: number, passes: number): Finding {
  const of = (name: string) => outputs[name]?.data[row] as number;
  const total = of('total');
  const loss = Number.isFinite(total) ? of('losses') : total;
  return { answer: of('fooled') > 0 ? 'FOOLED' : 'OPEN', loss, vanished: of('vanished') > 0, passes };
}
