/** What attacks on one network work with: its predictions, and steps that are compiled once for all attacks that take them. */
import type { Backend, CompiledStep, HostArrays, RunOptions, Step } from '../backends/backend.ts';
import { Predictor } from '../evaluation/predictor.ts';
import type { Network } from '../models/network.ts';
import type { Weights } from '../weights/weights.ts';
import { Stride } from './stride.ts';

/** A step of an attack. What differs from attack to attack, such as epsilon, is an input of it, so that its name says all. */
export interface AttackStep {
  name: string;
  of(network: Network): Step;
}

interface Compiled {
  step: CompiledStep;
  stride: Stride;
}

export class AttackTools {
  readonly predictor: Predictor;
  private readonly compiled = new Map<string, Compiled>();

  constructor(
    private readonly backend: Backend,
    readonly network: Network,
    private weights: Weights,
  ) {
    this.predictor = new Predictor(backend, network, weights);
  }

  /** Takes the step, or so many on end; it is compiled at its first call. Inputs and outputs have one row an image. */
  run({ name, of }: AttackStep, inputs: HostArrays, options: RunOptions = {}): Promise<HostArrays> {
    let compiled = this.compiled.get(name);
    if (!compiled) {
      const step = this.backend.compile(`${name} of ${this.network.architecture}`, of(this.network), {
        parallelism: 'images',
        constants: { ...this.weights },
        lasting: true,
      });
      compiled = { step, stride: new Stride() };
      this.compiled.set(name, compiled);
    }
    const { step, stride } = compiled;
    return stride.timed(options.times ?? 1, inputs.labels?.shape[0] as number, () => step.run(inputs, options));
  }

  /** How many steps the next call may take of those that are left to an image, after so many passes on it; a power of two. */
  stride({ name }: AttackStep, left: number, taken: number): number {
    return this.compiled.get(name)?.stride.most(left, taken) ?? 1;
  }

  /** The network's weights from now on. */
  async setWeights(weights: Weights): Promise<void> {
    this.weights = weights;
    const steps = [...this.compiled.values()].map(({ step }) => step.setConstants({ ...weights }));
    await Promise.all([this.predictor.setWeights(weights), ...steps]);
  }

  /** Gives back what compiled steps hold; they are compiled again when they are wanted. */
  async release(): Promise<void> {
    const steps = [...this.compiled.values()];
    this.compiled.clear();
    await Promise.all(steps.map(({ step }) => step.dispose()));
  }

  async dispose(): Promise<void> {
    await Promise.all([this.predictor.dispose(), this.release()]);
  }
}
