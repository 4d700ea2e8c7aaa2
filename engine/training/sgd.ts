import type { HostArray } from '../backends/backend.ts';
import type { Weights } from '../weights/weights.ts';

export interface SgdOptions {
  momentum: number;
  weightDecay: number;
}

/**
 * Stochastic gradient descent as torch.optim.SGD: g = gradient + weightDecay w; v = momentum v + g; w = w - learningRate v.
 * Works on the weights that there is a gradient for; their order and layout do not matter.
 */
export class Sgd {
  readonly options: SgdOptions;
  /** Momentum of every weight that has been moved. */
  velocity: Record<string, HostArray>;

  constructor(options: SgdOptions, velocity: Record<string, HostArray> = {}) {
    this.options = options;
    this.velocity = { ...velocity };
  }

  /** The weights after one step; the given ones stay as they are. Gradients are means over the batch. */
  step(weights: Weights, gradients: Weights, learningRate: number): Weights {
    const moved = Object.entries(gradients).map(([name, gradient]) => [
      name,
      this.move(name, weights[name] as HostArray, gradient, learningRate),
    ]);
    return { ...weights, ...Object.fromEntries(moved) };
  }

  private move(name: string, weight: HostArray, gradient: HostArray, learningRate: number): HostArray {
    const { momentum, weightDecay } = this.options;
    const old = this.velocity[name]?.data ?? new Float32Array(weight.data.length);
    const velocity = new Float32Array(weight.data.length);
    const data = new Float32Array(weight.data.length);
    for (let index = 0; index < data.length; index++) {
      const value = weight.data[index] as number;
      velocity[index] = momentum * (old[index] as number) + (gradient.data[index] as number) + weightDecay * value;
      data[index] = value - learningRate * (velocity[index] as number);
    }
    this.velocity[name] = { ...weight, data: velocity };
    return { ...weight, data };
  }
}
