import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../../engine/backends/backend.ts';
import { chooseBackend } from '../../../engine/backends/choose.ts';
import {
  criticalityConfig,
  fineTuneConfig,
  interpolationConfig,
  measureConfig,
  pgdConfig,
  trainingConfig,
} from '../../../engine/config.ts';
import { EngineError } from '../../../engine/errors.ts';
import type { EvaluationResult, MrcScore } from '../../../engine/recorder.ts';
import { measureCriticality } from '../../../engine/stages/criticality.ts';
import { runEvaluation } from '../../../engine/stages/evaluation.ts';
import { runFineTune } from '../../../engine/stages/fine-tune.ts';
import { measureInterpolation } from '../../../engine/stages/interpolation.ts';
import { runTraining } from '../../../engine/stages/training.ts';
import type { Model, StageContext, TrainingRequest } from '../../../engine/stages.ts';
import type { Weights } from '../../../engine/weights/weights.ts';
import { patternModel, patterns, patternTraining, trainedPatterns } from '../patterns.ts';
import { contextOf, Recording } from '../recording.ts';

const attack = pgdConfig.parse({ epsilon: 0.1, stepSize: 0.03, steps: 3 });
const measure = measureConfig.parse({ images: 50, attack });
const adversarial = trainingConfig.parse({ ...patternTraining, variant: 'PGD_AT', trainImages: 64, epochs: 2, batchSize: 32, attack });
const criticality = criticalityConfig.parse({ images: 24, iterations: 2, attack });
const protocol = 'HOLD_OUT' as const;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let backend: Backend;
let weights: Weights;
let model: Model;
const trainingRecording = new Recording();
beforeAll(async () => {
  backend = await chooseBackend();
  weights = await trainedPatterns(backend, trainingRecording);
  model = patternModel(weights);
});
afterAll(() => backend.dispose());

type Stage = [name: string, run: (context: StageContext, times?: number) => Promise<unknown>];

/** Every stage once, cheaply, or so many times as long. */
const stages: Stage[] = [
  ['training', (context, times = 1) => runTraining(context, { training: { ...adversarial, epochs: 2 * times }, protocol, measure })],
  [
    'criticality',
    (context, times = 1) =>
      measureCriticality(context, { model, criticality: { ...criticality, iterations: 2 * times }, protocol, done: [] }),
  ],
  [
    'fine-tuning',
    (context, times = 1) =>
      runFineTune(context, {
        model,
        fineTune: fineTuneConfig.parse({ select: 'LAST', epochs: 2 * times }),
        scores: [],
        protocol,
        measure,
        trainImages: 150,
      }),
  ],
  [
    'interpolation',
    (context, times = 1) =>
      measureInterpolation(context, {
        base: model,
        tuned: weights,
        interpolation: interpolationConfig.parse({ alphas: [1] }),
        measure: lasting(times),
        protocol,
        done: [],
      }),
  ],
  ['evaluation', (context, times = 1) => runEvaluation(context, { model, measure: lasting(times), protocol })],
];

/** Every image goes through all steps of the attack, which are so many times as many. */
const lasting = (times: number) => ({ ...measure, rule: 'LAST_STEP' as const, attack: { ...attack, steps: times * attack.steps } });

interface Done {
  outcome: unknown;
  recording: Recording;
}
const firsts = new Map<string, Promise<Done>>();

async function perform([, run]: Stage): Promise<Done> {
  const recording = new Recording();
  return { outcome: await run(contextOf(backend, recording)), recording };
}

/** A stage of minutes that is cancelled after its first piece of work, while the next one is computed. */
function performCancelled([, run]: Stage, own: Backend, whenCancelled = () => {}): Promise<unknown> {
  const abort = new AbortController();
  const cancel = () => {
    whenCancelled();
    abort.abort(new Error('cancelled by the test'));
  };
  const recorder = new Recording();
  recorder.progress = ({ done }) => {
    if (done > 0 && !abort.signal.aborted) setImmediate(cancel);
  };
  return run(contextOf(own, recorder, { signal: abort.signal }), 1000);
}

/** A stage's first run, for all tests. */
function firstOf(stage: Stage): Promise<Done> {
  const [name] = stage;
  const first = firsts.get(name) ?? perform(stage);
  firsts.set(name, first);
  return first;
}

describe.each(stages)('the stage %s', (...stage) => {
  it('reports progress up to its end and gives back every session', async () => {
    const { recording } = await firstOf(stage);
    expect(backend.sessions).toBe(0);
    const { done, total } = recording.progressed.at(-1) as { done: number; total: number };
    expect(done).toBe(total);
    expect(total).toBeGreaterThan(0);
    const fractions = recording.progressed.map((progress) => progress.done / progress.total);
    expect(fractions).toEqual(fractions.toSorted((first, second) => first - second));
  });

  it('gives the same again', async () => {
    const [first, second] = [await firstOf(stage), await perform(stage)];
    expect(first.outcome).toEqual(second.outcome);
    const results = ({ scores, sweep, evaluations, stateDigests }: Recording) => ({ scores, sweep, evaluations, states: stateDigests() });
    expect(results(first.recording)).toEqual(results(second.recording));
  });

  it('leaves no tensor and no memory behind', async () => {
    const resident = async () => {
      await perform(stage);
      collectGarbage();
      return process.memoryUsage.rss() / 2 ** 20;
    };
    const tensors = tf.memory().numTensors;
    const sizes = [await resident()];
    // Memory comes and goes with other work, and is given back late; what leaks grows with every run.
    const grows = () => sizes.length < 2 || (sizes.at(-1) as number) - (sizes.at(-2) as number) > 16;
    while (grows() && sizes.length < 8) sizes.push(await resident());
    expect(tf.memory().numTensors).toBe(tensors);
    expect(grows(), `MiB after each run: ${sizes.map(Math.round)}`).toBe(false);
  });

  it('computes no further than the signal, and ends with its reason', async () => {
    let atAbort = process.cpuUsage();
    const cancelled = performCancelled(stage, backend, () => {
      atAbort = process.cpuUsage();
    });
    await expect(cancelled).rejects.toThrow('cancelled by the test');
    const { user, system } = process.cpuUsage(atAbort);
    // A second of every core; time that others take does not count.
    expect((user + system) / 1e6).toBeLessThan(availableParallelism());
  });
});

describe('a cancelled stage', () => {
  it('lets its backend be disposed at once, in the middle of a computation', async () => {
    for (const stage of stages) {
      const own = await chooseBackend();
      await expect(performCancelled(stage, own)).rejects.toThrow('cancelled by the test');
      await own.dispose();
      expect(own.sessions).toBe(0);
    }
  });
});

describe('training', () => {
  it('learns and records its curves on one axis of optimiser steps', () => {
    expect(trainingRecording.valuesOf('holdout.standard').at(-1)).toBeGreaterThan(0.3);
    const losses = trainingRecording.valuesOf('train.loss');
    expect(losses.at(-1)).toBeLessThan(losses[0] as number);
    expect(trainingRecording.valuesOf('learningRate').every((rate) => rate === 0.05)).toBe(true);
    expect(trainingRecording.points.filter(({ key }) => key === 'epoch')).toEqual([
      { key: 'epoch', step: 20, value: 1 },
      { key: 'epoch', step: 40, value: 2 },
      { key: 'epoch', step: 60, value: 3 },
    ]);
  });

  it('records means over ten steps, what is left in the last of them, and over the epoch, the same each time', async () => {
    const training = { ...patternTraining, trainImages: 385, batchSize: 16, epochs: 2 };
    const curves = async () => {
      const recording = new Recording();
      await runTraining(contextOf(backend, recording), { training, protocol, measure });
      return recording.points;
    };
    const points = await curves();
    const stepsOf = (key: string) => points.filter((point) => point.key === key).map(({ step }) => step);
    expect(stepsOf('train.loss')).toEqual([10, 25, 35, 50]);
    expect(stepsOf('train.epoch.loss')).toEqual([25, 50]);
    const accuracy = (key: string) => points.find((point) => point.key === key)?.value as number;
    expect(Number.isInteger(Math.round(385e6 * accuracy('train.epoch.accuracy')) / 1e6)).toBe(true);
    expect(Number.isInteger(Math.round(160e6 * accuracy('train.accuracy')) / 1e6)).toBe(true);
    expect(await curves()).toEqual(points);
  });

  it('does not take the accuracy of infinite outputs for one', async () => {
    // One step, whose loss is finite; not so what its weights give.
    const training = { ...patternTraining, learningRate: 1e38, trainImages: 32, epochs: 2 };
    const failure = runTraining(contextOf(backend, new Recording()), { training, protocol, measure });
    await expect(failure).rejects.toThrow(new RegExp(`The network's outputs for image \\d+ of ${patterns.name} holdout`));
  });

  it('keeps the epoch of best robust accuracy', async () => {
    const recording = new Recording();
    const { epoch } = await runTraining(contextOf(backend, recording), { training: adversarial, protocol, measure });
    const robust = recording.valuesOf('holdout.robust');
    expect(robust).toHaveLength(2);
    expect(robust[epoch - 1]).toBe(Math.max(...robust));
  });

  it('lowers the learning rate at its milestones', async () => {
    const recording = new Recording();
    const training = { ...patternTraining, trainImages: 64, epochs: 4, milestones: [2, 3] };
    await runTraining(contextOf(backend, recording), { training, protocol, measure });
    const rates = recording.valuesOf('learningRate');
    expect(rates.map((rate) => rate.toFixed(6))).toEqual(['0.050000', '0.050000', '0.005000', '0.000500']);
  });

  it('goes on from a saved state as if it had never stopped, bit for bit', async () => {
    const request: TrainingRequest = { training: { ...adversarial, epochs: 3 }, protocol, measure };
    const whole = new Recording();
    const outcome = await runTraining(contextOf(backend, whole), request);
    const rest = new Recording();
    const resumed = await runTraining(contextOf(backend, rest), { ...request, resumeState: whole.states[0] as Uint8Array });
    expect(resumed).toEqual(outcome);
    expect(rest.stateDigests()).toEqual(whole.stateDigests().slice(1));
    expect(rest.valuesOf('epoch')).toEqual([2, 3]);
    const later = whole.points.filter(({ step }) => step > (rest.points[0]?.step as number) - 2);
    expect(rest.points).toEqual(later);
  });

  it('stops with epoch, batch and value when the loss is no number', async () => {
    const training = { ...patternTraining, learningRate: 100, weightDecay: 10, momentum: 1 };
    const failure = runTraining(contextOf(backend, new Recording()), { training, protocol, measure });
    await expect(failure).rejects.toThrow(/The loss of image \d+ is (NaN|Infinity|-Infinity) in epoch \d+, batch \d+\./);
    await expect(failure).rejects.toBeInstanceOf(EngineError);
    expect(backend.sessions).toBe(0);
  });
});

describe('fine-tuning', () => {
  it('goes on from a saved state bit for bit', async () => {
    const request = {
      model,
      fineTune: fineTuneConfig.parse({ select: 'LAST', epochs: 3 }),
      scores: [],
      protocol,
      measure,
      trainImages: 150,
    };
    const whole = new Recording();
    const outcome = await runFineTune(contextOf(backend, whole), request);
    const rest = new Recording();
    const resumed = await runFineTune(contextOf(backend, rest), { ...request, resumeState: whole.states[1] as Uint8Array });
    expect(resumed).toEqual(outcome);
    expect(rest.valuesOf('fineTune.epoch')).toEqual([3]);
    expect(whole.valuesOf('fineTune.learningRate').map((rate) => rate.toFixed(6))).toEqual(['0.001000', '0.000100', '0.000100']);
  });
});

describe('a fine-tuning that blows up the last layer', () => {
  it('is not taken for robust: its points are SUSPECT and alpha stays 0', async () => {
    const recording = new Recording();
    const fineTune = fineTuneConfig.parse({ select: 'LAST', epochs: 5, learningRate: 100, weightDecay: 0 });
    const request = { model, fineTune, scores: [], protocol, measure, trainImages: 150 };
    const tuned = await runFineTune(contextOf(backend, recording), request);
    const interpolation = interpolationConfig.parse({ alphas: [0, 0.5, 1], tolerance: 0.01 });
    const sweep = { base: model, tuned: tuned.weights, interpolation, measure, protocol, done: [] };
    const { points, selected } = await measureInterpolation(contextOf(backend, recording), sweep);
    expect(points.map(({ trust }) => trust)).toEqual(['CHECKED', 'SUSPECT', 'SUSPECT']);
    expect(points[2]?.findings?.[0]).toMatch(/^The gradient of the loss is exactly zero for \d+ of \d+ attacked images/);
    expect(selected.alpha).toBe(0);
  });
});

describe('criticality and interpolation', () => {
  it('do not repeat what is done', async () => {
    const recording = new Recording();
    const request = { model, criticality: { ...criticality, modules: ['conv1', 'linear'] }, protocol };
    const all = await measureCriticality(contextOf(backend, recording), { ...request, done: [] });
    expect(all.map(({ module }) => module)).toEqual(['conv1', 'linear']);
    const rest = new Recording();
    expect(await measureCriticality(contextOf(backend, rest), { ...request, done: all.slice(1) })).toEqual(all);
    expect(rest.scores.map(({ module }) => module)).toEqual(['conv1']);

    const interpolation = interpolationConfig.parse({ alphas: [0.5, 1] });
    const known = { alpha: 0.5, standard: 0.123, robust: 0.1, images: 50, split: 'holdout' as const };
    const sweep = new Recording();
    const { points } = await measureInterpolation(contextOf(backend, sweep), {
      base: model,
      tuned: weights,
      interpolation,
      measure,
      protocol,
      done: [known],
    });
    expect(points[1]).toEqual(known);
    expect(sweep.sweep.map(({ alpha }) => alpha)).toEqual([0, 1]);
  });

  it('are told about once, over all slices', async () => {
    const still = { ...criticality, epsilon: 0, attack: { ...criticality.attack, epsilon: 1, stepSize: 0.5, steps: 10 } };
    const request = { model, criticality: { ...still, modules: ['conv1', 'linear'] }, protocol };
    const recording = new Recording();
    const done: MrcScore[] = [];
    for (const slice of [{ index: 0, of: 2 }, { index: 1, of: 2 }, undefined])
      done.push(...(await measureCriticality(contextOf(backend, recording), { ...request, slice, done: slice ? [] : done })));
    const notices = recording.lines.filter((text) => !text.startsWith('Scoring'));
    expect(notices).toEqual([
      expect.stringMatching(/^The network is right on none of the adversarial examples/),
      expect.stringMatching(/^2 modules share the lowest score, 0; .*: conv1, linear\.$/),
    ]);
  });

  it('have an accuracy on corrupted images where that is asked for: the mean over corruptions and severities', async () => {
    const cells = { corruptions: ['contrast', 'pixelate'], severities: [2, 5] };
    const interpolation = interpolationConfig.parse({ alphas: [1], ood: true });
    const request = { base: model, tuned: weights, interpolation, measure: { ...measure, ...cells }, protocol, done: [] };
    const { points } = await measureInterpolation(contextOf(backend, new Recording()), request);
    expect(points[0]?.ood).toBe(points[1]?.ood);
    expect(points[0]?.ood).toBeLessThan(points[0]?.standard as number);
    expect(points[0]?.ood).toBeGreaterThan(0);
  });

  it('measure both ends of equal weights alike', async () => {
    const request = { base: model, tuned: weights, interpolation: interpolationConfig.parse({ alphas: [1] }), measure, protocol, done: [] };
    const { points, selected } = await measureInterpolation(contextOf(backend, new Recording()), request);
    expect({ ...points[1], alpha: 0 }).toEqual(points[0]);
    expect(selected.alpha).toBe(0);
  });
});

describe('evaluation', () => {
  it('says what was measured, how, and on which images', async () => {
    const recording = new Recording();
    const [standard, robust] = await runEvaluation(contextOf(backend, recording), { model, measure, protocol });
    expect(recording.evaluations).toEqual([standard, robust]);
    expect(standard).toMatchObject({
      suite: 'STANDARD',
      dataset: patterns.name,
      split: 'test',
      images: 50,
      protocol: `standard; ${patterns.name} test[0:50]`,
    });
    expect(robust).toMatchObject({ suite: 'ADVERSARIAL', images: 50, attack: { name: 'PGD', rule: 'ANY_STEP', seed: 0, epsilon: 0.1 } });
    expect(robust?.correct).toBeLessThan(standard?.correct as number);
    for (const { outcomes, correct, images } of [standard, robust] as EvaluationResult[]) {
      expect(outcomes).toHaveLength(images);
      expect(outcomes.reduce((sum, flag) => sum + flag, 0)).toBe(correct);
    }
  });

  it('takes only what is not done, and calls another seed the same protocol', async () => {
    const first = await runEvaluation(contextOf(backend, new Recording()), { model, measure, protocol });
    const [standard, robust] = first.map(({ fingerprint }) => fingerprint) as [string, string];
    const rest = await runEvaluation(contextOf(backend, new Recording()), { model, measure, protocol, done: [standard] });
    expect(rest.map(({ suite, correct }) => ({ suite, correct }))).toEqual([{ suite: 'ADVERSARIAL', correct: first[1]?.correct }]);
    expect(await runEvaluation(contextOf(backend, new Recording()), { model, measure, protocol, done: [robust, standard] })).toEqual([]);
    const seeded = await runEvaluation(contextOf(backend, new Recording(), { seed: 7 }), { model, measure, protocol });
    expect(seeded.map(({ fingerprint }) => fingerprint)).toEqual([standard, robust]);
    expect(seeded.map(({ protocol: text }) => text)).toEqual(first.map(({ protocol: text }) => text));
    expect(seeded[1]?.attack?.seed).toBe(7);
  });

  it('reports the other half of test for a network from elsewhere', async () => {
    const context = contextOf(backend, new Recording());
    const foreign = { ...model, trainedHere: false };
    const [standard] = await runEvaluation(context, { model: foreign, measure: { ...measure, suites: ['STANDARD'] }, protocol });
    expect(standard?.protocol).toBe(`standard; ${patterns.name} other half of test[0:50]`);
  });

  it('measures every corruption and severity on its own, and takes only those that are not done', async () => {
    const recording = new Recording();
    const ood = { ...measure, suites: ['STANDARD' as const, 'OOD' as const], corruptions: ['fog', 'contrast'], severities: [1, 5] };
    const found = await runEvaluation(contextOf(backend, recording), { model, measure: ood, protocol });
    expect(recording.evaluations).toEqual(found);
    expect(found.map(({ suite, corruption, severity }) => [suite, corruption, severity])).toEqual([
      ['STANDARD', undefined, undefined],
      ['OOD', 'fog', 1],
      ['OOD', 'fog', 5],
      ['OOD', 'contrast', 1],
      ['OOD', 'contrast', 5],
    ]);
    expect(found[1]?.protocol).toBe(`ood: fog severity 1; ${patterns.name} test[0:50], corruption computed here`);
    expect(new Set(found.map(({ fingerprint }) => fingerprint)).size).toBe(5);
    expect(found[2]?.correct).toBeLessThan(found[0]?.correct as number);
    const done = found.slice(0, 4).map(({ fingerprint }) => fingerprint);
    const rest = await runEvaluation(contextOf(backend, new Recording(), { seed: 9 }), { model, measure: ood, protocol, done });
    expect(rest.map(({ outcomes }) => outcomes)).toEqual([found[4]?.outcomes]);
  });

  it('refuses weights of another network', async () => {
    const context = contextOf(backend, new Recording());
    const wrong = { model: { ...model, architecture: 'RESNET18' as const, architectureOptions: {} }, measure, protocol };
    await expect(runEvaluation(context, wrong)).rejects.toThrow('The checkpoint lacks');
  });

  it('warns when a split has fewer images than asked for, before it measures them', async () => {
    const abort = new AbortController();
    const recording = new Recording();
    recording.line = async (text) => abort.abort(new Error(text));
    const context = contextOf(backend, recording, { signal: abort.signal });
    const request = { model, measure: { ...measure, images: 20_000, suites: ['STANDARD' as const] }, protocol };
    await expect(runEvaluation(context, request)).rejects.toThrow(`20000 images were asked for; ${patterns.name} test has 1000.`);
    expect(recording.evaluations).toEqual([]);
  });
});
