/** Learning rates over a training, the moving average of its weights, and its early end. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../../engine/backends/backend.ts';
import { measureConfig, type Schedule, trainingConfig } from '../../../engine/config.ts';
import { runTraining } from '../../../engine/stages/training.ts';
import { decayAt, MovingAverage } from '../../../engine/training/moving-average.ts';
import { learningRateAt } from '../../../engine/training/schedule.ts';
import { parseState } from '../../../engine/training/state.ts';
import type { Weights } from '../../../engine/weights/weights.ts';
import { oneThread } from '../one-thread.ts';
import { patternTraining } from '../patterns.ts';
import { contextOf, Recording } from '../recording.ts';

const vector = (...values: number[]) => ({ shape: [values.length], dtype: 'float32' as const, data: Float32Array.from(values) });
const measure = measureConfig.parse({ images: 50 });
const protocol = 'HOLD_OUT' as const;

describe('the learning rate', () => {
  const cases: [Schedule, number[], number[]][] = [
    ['MILESTONES', [0, 3.9, 4, 7.9, 8, 9.9], [1, 1, 0.1, 0.1, 0.01, 0.01]],
    ['COSINE', [0, 2.5, 5, 7.5, 10], [1, (1 + Math.SQRT1_2) / 2, 0.5, (1 - Math.SQRT1_2) / 2, 0]],
    ['CYCLIC', [0, 2, 4, 7, 10], [0, 0.5, 1, 0.5, 0]],
  ];
  it.each(cases)('goes by %s', (schedule, times, expected) => {
    const config = { learningRate: 1, schedule, milestones: [4, 8], epochs: 10 };
    for (const [index, time] of times.entries()) expect(learningRateAt(config, time)).toBeCloseTo(expected[index] as number, 9);
  });
});

it('only one schedule has milestones, those of the paper where none are given', () => {
  const about = { architecture: 'RESNET8', dataset: 'mnist' };
  expect(trainingConfig.parse(about).milestones).toEqual([100, 105]);
  for (const schedule of ['COSINE', 'CYCLIC']) {
    expect(trainingConfig.parse({ ...about, schedule }).milestones).toEqual([]);
    const { error } = trainingConfig.safeParse({ ...about, schedule, milestones: [5] });
    expect(error?.issues).toMatchObject([{ path: ['milestones'], message: expect.stringContaining(`${schedule} would ignore them`) }]);
  }
});

describe('the moving average', () => {
  it('follows the weights at first, then with a decay that grows', () => {
    expect(decayAt(1, 400, 0.995)).toBe(0);
    expect(decayAt(9, 400, 0.995)).toBe(0);
    expect(decayAt(10, 400, 0.995)).toBeCloseTo(0.1, 12);
    expect(decayAt(100, 400, 0.995)).toBeCloseTo(91 / 100, 12);
    expect(decayAt(100_000, 400, 0.995)).toBe(0.995);
  });

  it('averages what it is told to, takes the rest as it is, and can be put down and taken up', () => {
    const at = (weight: number, statistic: number): Weights => ({ w: vector(weight), running_mean: vector(statistic) });
    const options = { decay: 0.5, steps: 1, names: ['w'] };
    const whole = new MovingAverage(options, at(0, 0));
    for (const step of [20, 30]) whole.add(at(step, step), step);
    expect(whole.snapshot(at(9, 7))).toEqual(at(20, 7));
    const first = new MovingAverage(options, at(0, 0));
    first.add(at(20, 20), 20);
    const second = new MovingAverage(options, first.snapshot(at(20, 20)));
    second.add(at(30, 30), 30);
    expect(second.snapshot(at(9, 7))).toEqual(whole.snapshot(at(9, 7)));
  });
});

describe('a training', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await oneThread();
  });
  afterAll(() => backend.dispose());

  it('keeps and measures the average, not the weights', async () => {
    const recording = new Recording();
    const training = trainingConfig.parse({ ...patternTraining, trainImages: 128, epochs: 2, emaDecay: 0.99 });
    const { weights } = await runTraining(contextOf(backend, recording), { training, protocol, measure });
    const { average, weights: last, best } = parseState(recording.states.at(-1) as Uint8Array);
    expect(best?.weights).toEqual(weights);
    if (best?.epoch === 2) expect(weights).toEqual(average);
    expect(average?.['conv1.weight']).not.toEqual(last['conv1.weight']);
    expect(average?.['bn1.running_mean']).toEqual(last['bn1.running_mean']);
  });

  it('ends early when no epoch is better, says so, and ends there again when it is resumed', async () => {
    const recording = new Recording();
    // A rate so small that no prediction changes: the first epoch stays the best.
    const training = trainingConfig.parse({ ...patternTraining, trainImages: 64, epochs: 9, learningRate: 1e-9, patience: 2 });
    const request = { training, protocol, measure };
    const { epoch } = await runTraining(contextOf(backend, recording), request);
    expect(epoch).toBeLessThanOrEqual(6);
    const last = recording.valuesOf('epoch').at(-1) as number;
    expect(last).toBe(epoch + 2);
    expect(recording.settings).toEqual({ stoppedAfterEpoch: last });
    expect(recording.lines.join('\n')).toContain(`Stopped after epoch ${last}: the last 2 epochs were no better than epoch ${epoch}.`);
    const again = new Recording();
    const resumed = await runTraining(contextOf(backend, again), { ...request, resumeState: recording.states.at(-1) as Uint8Array });
    expect(resumed.epoch).toBe(epoch);
    expect(again.valuesOf('epoch')).toEqual([]);
  });
});
