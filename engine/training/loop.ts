/** The loop that training and fine-tuning share: epochs of optimiser steps, each followed by a look at the selection split. */
import type { HostArray } from '../backends/backend.ts';
import { type Batch, cut } from '../data/batches.ts';
import { EngineError } from '../errors.ts';
import { RandomStream } from '../random.ts';
import type { MetricPoint, Recorder } from '../recorder.ts';
import { untilAborted, type Watch } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';
import type { GradientSource } from './gradients.ts';
import type { Sgd } from './sgd.ts';
import { formatState, type LoopState } from './state.ts';

/** Milliseconds between two points of the curves inside an epoch. */
const metricInterval = 1000;

/** What an epoch's weights are worth: the score that the best epoch is chosen by, and the curves' values. */
export interface Selection {
  score: number;
  values: Record<string, number>;
}

/** A batch as it is before anything is computed. */
export interface PreparedBatch extends Batch {
  /** Where an attack on its images starts. */
  start?: HostArray;
}

export interface Loop {
  images: number;
  epochs: number;
  batchSize: number;
  seed: number;
  /** Learning rate of an epoch, from 0. */
  learningRate(epoch: number): number;
  /** The batch of these images as this epoch shows them; prepared while the batch before it is computed. */
  prepare(members: Int32Array, epoch: number): PreparedBatch;
  /** The batch that the optimiser's step is taken on, where that depends on the weights. */
  attack?(batch: PreparedBatch, weights: Weights): Promise<Batch>;
  source: GradientSource;
  optimiser: Sgd;
  select(weights: Weights): Promise<Selection>;
  /** Put in front of every metric's key. */
  prefix: string;
  recorder: Recorder;
  watch: Watch;
}

/** Sums of what the optimiser steps since the last point gave. */
class Tally {
  private loss = 0;
  private correct = 0;
  private images = 0;

  add(losses: Float32Array, correct: Int32Array): void {
    for (const loss of losses) this.loss += loss;
    for (const flag of correct) this.correct += flag;
    this.images += losses.length;
  }

  points(prefix: string, step: number): MetricPoint[] {
    return [
      { key: `${prefix}train.loss`, step, value: this.loss / this.images },
      { key: `${prefix}train.accuracy`, step, value: this.correct / this.images },
    ];
  }
}

/** Throws EngineError when a loss is not finite, with epoch, batch and value. */
function checkLosses(losses: Float32Array, epoch: number, batch: number): void {
  const wrong = losses.findIndex((loss) => !Number.isFinite(loss));
  if (wrong >= 0)
    throw new EngineError(
      `The loss of image ${wrong} is ${losses[wrong]} in epoch ${epoch + 1}, batch ${batch + 1}.`,
      'Lower the learning rate.',
    );
}

/** Calls once what was started before has been handed to the backend. */
const meanwhile = <Result>(call: () => Result): Promise<Result> =>
  new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(call());
      } catch (error) {
        reject(error as Error);
      }
    });
  });

async function trainEpoch(loop: Loop, state: LoopState): Promise<LoopState> {
  const { epoch } = state;
  const order = new RandomStream(loop.seed, 'training order', epoch).permutation(loop.images);
  const learningRate = loop.learningRate(epoch);
  let { weights, step } = state;
  let tally = new Tally();
  let lastPoint = performance.now();
  const batches = cut(order, loop.batchSize);
  const prepare = (index: number) => {
    const members = batches[index];
    return members && loop.prepare(members, epoch);
  };
  const compute = async (prepared: PreparedBatch) => {
    const batch = (await loop.attack?.(prepared, weights)) ?? prepared;
    return untilAborted(loop.watch.signal, loop.source.gradients(batch, weights));
  };
  let next = prepare(0);
  for (let index = 0; next; index++) {
    const { count } = next;
    const [result, prepared] = await Promise.all([compute(next), meanwhile(() => prepare(index + 1))]);
    next = prepared;
    checkLosses(result.losses, epoch, index);
    weights = { ...loop.optimiser.step(weights, result.gradients, learningRate), ...result.statistics };
    step += 1;
    tally.add(result.losses, result.correct);
    loop.watch.advance(count);
    if (next && performance.now() - lastPoint < metricInterval) continue;
    await loop.recorder.metrics([...tally.points(loop.prefix, step), { key: `${loop.prefix}learningRate`, step, value: learningRate }]);
    tally = new Tally();
    lastPoint = performance.now();
  }
  return { ...state, epoch: epoch + 1, step, weights, velocity: loop.optimiser.velocity };
}

/**
 * Runs the epochs that the state has not done yet and keeps the weights of the epoch with the best score, the first of equals.
 * After every epoch the state goes to the recorder. Throws EngineError when a loss is not finite.
 */
export async function runLoop(loop: Loop, start: LoopState): Promise<LoopState> {
  let state = start;
  while (state.epoch < loop.epochs) {
    state = await trainEpoch(loop, state);
    const { epoch, step, weights } = state;
    const { score, values } = await loop.select(weights);
    if (!state.best || score > state.best.score) state = { ...state, best: { score, epoch, weights } };
    const points = Object.entries({ epoch, ...values }).map(([key, value]) => ({ key: loop.prefix + key, step, value }));
    await loop.recorder.metrics(points);
    await loop.recorder.resumeState(formatState(state));
  }
  return state;
}
