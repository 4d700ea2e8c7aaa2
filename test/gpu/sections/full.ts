import {
  criticalityConfig,
  fineTuneConfig,
  interpolationConfig,
  measureConfig,
  pgdConfig,
  trainingConfig,
} from '../../../engine/config.ts';
import { measureCriticality, measureInterpolation, runEvaluation, runFineTune, runTraining } from '../../../engine/index.ts';
import type { StageContext } from '../../../engine/stages.ts';
import { Recording } from '../../engine/recording.ts';
import { type Report, type Section, startBackend } from '../section.ts';
import type { Settings } from '../settings.ts';
import { openWork } from '../work.ts';

/** A run that fits into the time: how many epochs over how many images, and how many images every choice takes. */
export interface Plan {
  epochs: number;
  trainImages: number;
  images: number;
}

const attackSteps = 10;
const mostImages = 45_000;
const mostEpochs = 110;
/** Of the time: training; MRC, fine-tuning, sweep and evaluations take the rest. */
const trainingShare = 0.6;

/** @param imageSteps image steps of PGD a second */
export function planRun(minutes: number, imageSteps: number): Plan {
  const passes = (minutes * 60 * trainingShare * imageSteps) / (attackSteps + 2);
  const trainImages = Math.max(128, Math.min(mostImages, Math.floor(passes / 2)));
  const epochs = Math.max(1, Math.min(mostEpochs, Math.floor(passes / trainImages)));
  return { epochs, trainImages, images: Math.max(64, Math.min(2000, Math.floor(trainImages / 10))) };
}

async function measureImageSteps(settings: Settings): Promise<number> {
  const backend = await startBackend(settings, true);
  const batch = settings.quick ? 16 : 128;
  const work = openWork(backend, settings.architecture, batch, attackSteps);
  try {
    for (let call = 0; call < 4; call += 1) await work.attack();
    const began = performance.now();
    await work.attack();
    return (1000 * batch * attackSteps) / (performance.now() - began);
  } finally {
    await work.dispose();
    await backend.dispose();
  }
}

async function runWhole(settings: Settings, { epochs, trainImages, images }: Plan, report: Report): Promise<void> {
  const backend = await startBackend(settings, true);
  const recorder = new Recording();
  const context: StageContext = {
    backend,
    recorder,
    datasetsFolder: settings.datasets as string,
    signal: new AbortController().signal,
    seed: 0,
  };
  const timed = async <Result>(name: string, stage: () => Promise<Result>): Promise<Result> => {
    const began = performance.now();
    const result = await stage();
    const seconds = (performance.now() - began) / 1000;
    report({ name, state: 'ok', text: `${seconds.toFixed(1)} s`, figures: { seconds } });
    return result;
  };
  const protocol = 'HOLD_OUT';
  const measure = measureConfig.parse({ images });
  const attack = pgdConfig.parse({ steps: attackSteps });
  const training = trainingConfig.parse({ architecture: settings.architecture, dataset: 'cifar10', trainImages, epochs });
  try {
    const { weights } = await timed(`PGD-AT, ${epochs} epochs of ${trainImages} images`, () =>
      runTraining(context, { training, protocol, measure }),
    );
    const model = { architecture: training.architecture, dataset: training.dataset, weights, trainedHere: true };
    const criticality = criticalityConfig.parse({ images, attack });
    const scores = await timed(`MRC on ${images} images`, () => measureCriticality(context, { model, criticality, protocol, done: [] }));
    const fineTune = fineTuneConfig.parse({});
    const tuned = await timed(`fine-tuning, ${fineTune.epochs} epochs`, () =>
      runFineTune(context, { model, fineTune, scores, protocol, measure, trainImages }),
    );
    const interpolation = interpolationConfig.parse({});
    await timed('sweep', () =>
      measureInterpolation(context, { base: model, tuned: tuned.weights, interpolation, measure, protocol, done: [] }),
    );
    await timed('evaluation', () => runEvaluation(context, { model, measure, protocol }));
  } finally {
    await backend.dispose();
  }
}

/** One PGD-AT and RiFT run on CIFAR-10, cut to the time. */
export const full: Section = {
  name: 'full',
  tf32: 'as well',
  limitMinutes: 24 * 60,
  async run(settings, report) {
    if (settings.minutes === 0) return report({ name: 'PGD-AT and RiFT', state: 'skipped', text: 'not asked for; --full MINUTES' });
    if (!settings.datasets)
      return report({ name: 'PGD-AT and RiFT', state: 'skipped', text: 'it needs --datasets with cifar-10-batches-bin' });
    const imageSteps = await measureImageSteps(settings);
    await runWhole(settings, planRun(settings.minutes, imageSteps), report);
  },
};
