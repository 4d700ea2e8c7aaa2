/** The loop that training and fine-tuning share: epochs of optimiser steps, each followed by a look at the selection split. */
import { type Batch, cut } from '../data/batches.ts';
import { EngineError } from '../errors.ts';
import { RandomStream } from '../random.ts';
import type { Recorder } from '../recorder.ts';
import { untilAborted, type Watch } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';
import type { BatchGradients } from './gradients.ts';
import type { MovingAverage } from './moving-average.ts';
import type { Sgd } from './sgd.ts';
import { type Best, formatState, type LoopState } from './state.ts';
import { Tally } from './tally.ts';

/** Optimiser steps that one point of the curves is the mean of; what is left at the end of an epoch joins the last point. */
const stepsOfPoint = 10;

/** What an epoch's weights are worth: the score that the best epoch is chosen by, and the curves' values. */
export interface Selection {
  score: number;
  values: Record<string, number>;
  /** Why the score is not to be trusted. */
  findings: readonly string[];
}

export interface Loop {
  images: number;
  epochs: number;
  batchSize: number;
  seed: number;
  /** time: epochs done before the middle of the step. */
  learningRate(time: number): number;
  /** The batch of these images as this epoch shows them; prepared while the batch before it is computed. */
  prepare(members: Int32Array, epoch: number): Batch;
  /** The gradients of a step, of a batch as prepare made it. */
  gradients(batch: Batch, weights: Weights, epoch: number): Promise<BatchGradients>;
  /** Running statistics that move after the optimiser's step. */
  settle?: ((batch: Batch, weights: Weights) => Promise<Weights>) | undefined;
  optimiser: Sgd;
  /** What is measured and kept where it is wanted, in place of the weights themselves. */
  average?: MovingAverage | undefined;
  /** Epochs without a better one after which the loop ends; never when absent. */
  patience?: number | undefined;
  select(weights: Weights): Promise<Selection>;
  /** Put in front of every metric's key. */
  prefix: string;
  recorder: Recorder;
  watch: Watch;
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
  const { prefix, recorder, watch } = loop;
  const order = new RandomStream(loop.seed, 'training order', epoch).permutation(loop.images);
  let { weights, step } = state;
  let tally = new Tally();
  const whole = new Tally();
  const batches = cut(order, loop.batchSize);
  const prepare = (index: number) => {
    const members = batches[index];
    return members && loop.prepare(members, epoch);
  };
  let next = prepare(0);
  for (let index = 0; next; index++) {
    const batch = next;
    const computed = untilAborted(watch.signal, loop.gradients(batch, weights, epoch));
    const [result, prepared] = await Promise.all([computed, meanwhile(() => prepare(index + 1))]);
    next = prepared;
    checkLosses(result.losses, epoch, index);
    const learningRate = loop.learningRate(epoch + (index + 0.5) / batches.length);
    weights = { ...loop.optimiser.step(weights, result.gradients, learningRate), ...result.statistics };
    if (loop.settle) weights = { ...weights, ...(await untilAborted(watch.signal, loop.settle(batch, weights))) };
    step += 1;
    loop.average?.add(weights, step);
    for (const one of [tally, whole]) one.add(result.losses, result.correct);
    watch.advance(batch.count);
    const isLast = next === undefined;
    const isFull = (index + 1) % stepsOfPoint === 0 && batches.length - (index + 1) >= stepsOfPoint;
    if (!isLast && !isFull) continue;
    await recorder.metrics([
      ...tally.points(`${prefix}train.`, step),
      { key: `${prefix}learningRate`, step, value: learningRate },
      ...(isLast ? whole.points(`${prefix}train.epoch.`, step) : []),
    ]);
    tally = new Tally();
  }
  const average = loop.average && { average: loop.average.snapshot(weights) };
  return { ...state, epoch: epoch + 1, step, weights, velocity: loop.optimiser.velocity, ...average };
}

/** Whether an epoch takes the place of the best so far: a score that can be trusted before one that cannot, then the higher one. */
function isBetter(candidate: Best, best: Best | undefined): boolean {
  if (!best || candidate.suspect !== best.suspect) return !best || best.suspect;
  return candidate.score > best.score;
}

/** Whether all epochs are done, or so many without a better one that robustness is being lost to overfitting (Rice et al., 2020). */
const isOver = ({ epochs, patience = epochs }: Loop, { epoch, best }: LoopState) =>
  epoch >= epochs || (best !== undefined && epoch - best.epoch >= patience);

/**
 * Runs the epochs that the state has not done yet and keeps the weights of the epoch with the best score, the first of equals.
 * After every epoch the state goes to the recorder. Throws EngineError when a loss or an output is not finite.
 */
export async function runLoop(loop: Loop, start: LoopState): Promise<LoopState> {
  const { prefix, recorder } = loop;
  let state = start;
  while (!isOver(loop, state)) {
    state = await trainEpoch(loop, state);
    const { epoch, step } = state;
    const weights = state.average ?? state.weights;
    const { score, values, findings } = await loop.select(weights);
    for (const finding of findings) await recorder.line(`Epoch ${epoch}: ${finding}`, 'warning');
    const candidate = { score, epoch, weights, suspect: findings.length > 0 };
    if (isBetter(candidate, state.best)) state = { ...state, best: candidate };
    await recorder.metrics(Object.entries({ epoch, ...values }).map(([key, value]) => ({ key: prefix + key, step, value })));
    await recorder.resumeState(formatState(state));
  }
  return state;
}
