import type { MetricPoint } from '../recorder.ts';

/** Sums of what optimiser steps gave; every image counts the same. */
export class Tally {
  private loss = 0;
  private correct = 0;
  private images = 0;

  add(losses: Float32Array, correct: Int32Array): void {
    for (const loss of losses) this.loss += loss;
    for (const flag of correct) this.correct += flag;
    this.images += losses.length;
  }

  /** Means over the images. */
  points(prefix: string, step: number): MetricPoint[] {
    return [
      { key: `${prefix}loss`, step, value: this.loss / this.images },
      { key: `${prefix}accuracy`, step, value: this.correct / this.images },
    ];
  }
}
