/** The classes that targeted attacks aim at. */
import type { HostArray } from '../backends/backend.ts';
import type { Finding, Target } from './attack.ts';
import { batchOfTargets, integers, rowOf } from './rows.ts';
import type { AttackTools } from './tools.ts';

/** An image with the classes to aim at, in turn; undefined before the image has been looked at. */
export interface Aimed {
  target: Target;
  aims?: number[];
}

/** The classes other than the label, the likeliest first, at most so many. */
function rivals(logits: Float32Array, label: number, most: number): number[] {
  const classes = Array.from(logits.keys()).filter((one) => one !== label);
  return classes.toSorted((first, second) => (logits[second] as number) - (logits[first] as number)).slice(0, most);
}

/** Looks at the images and gives each its classes, at most so many; an image that is not classified as labelled is FOOLED. */
export async function aimed({ network, predictor }: AttackTools, attempts: readonly Aimed[], most: number): Promise<Finding[]> {
  const { images, labels } = batchOfTargets(
    attempts.map(({ target }) => target),
    network.inputShape,
  );
  const { correct, losses, logits } = await predictor.predict(images, labels);
  return attempts.map((attempt, row) => {
    attempt.aims = rivals(rowOf(logits, row), attempt.target.label, most);
    return { answer: correct[row] === 1 ? 'OPEN' : 'FOOLED', loss: losses[row] as number };
  });
}

/** The class that each aims at now, int32 [attempts]; at: its place among the image's classes. */
export const classesOf = <Attempt extends Aimed>(attempts: readonly Attempt[], at: (attempt: Attempt) => number): HostArray =>
  integers(attempts, (attempt) => (attempt.aims as number[])[at(attempt)] as number);
