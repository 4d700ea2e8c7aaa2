/** The whole RiFT run, stage by stage, as `rift_torch.py run` does it: choices and measurements on 1,000 test images. */
import { criticalityConfig, fineTuneConfig, interpolationConfig, measureConfig, trainingConfig } from '../../../engine/config.ts';
import { chooseBackend, measureCriticality, measureInterpolation, runEvaluation, runFineTune, runTraining } from '../../../engine/index.ts';
import type { StageContext } from '../../../engine/stages.ts';
import { Recording } from '../../engine/recording.ts';
import type { Row } from './table.ts';
import { runYardstick, type Yardstick } from './yardstick.ts';

const images = 1000;
const trainImages = 5000;
const protocol = 'PAPER';

/** The same choice without all scores; PyTorch scores all. */
const leastRow = 'MRC until the least is known';

/** Which of the yardstick's clocks make up a stage. */
const clocks: Record<string, string[]> = {
  'PGD-AT, 2 epochs': ['pgd-at.train', 'pgd-at.select'],
  'MRC, 10 modules': ['mrc.attack', 'mrc.ascent'],
  'fine-tune, 5 epochs': ['finetune.train', 'finetune.select'],
  'sweep, 11 alphas': ['interpolation'],
  evaluation: ['evaluate.std', 'evaluate.adv'],
};

async function runPipeline(context: StageContext): Promise<Record<string, number>> {
  const seconds: Record<string, number> = {};
  const timed = async <Result>(name: string, stage: () => Promise<Result>): Promise<Result> => {
    const began = performance.now();
    const result = await stage();
    seconds[name] = (performance.now() - began) / 1000;
    return result;
  };
  const measure = measureConfig.parse({ images });
  const training = trainingConfig.parse({ architecture: 'RESNET8', dataset: 'cifar10', trainImages, epochs: 2 });
  const { weights } = await timed('PGD-AT, 2 epochs', () => runTraining(context, { training, protocol, measure }));
  const model = { architecture: training.architecture, dataset: training.dataset, weights, trainedHere: true };
  await timed('evaluation', () => runEvaluation(context, { model, measure, protocol }));
  const scores = await timed('MRC, 10 modules', () =>
    measureCriticality(context, {
      model,
      criticality: criticalityConfig.parse({ images }),
      protocol,
      done: [],
    }),
  );
  const least = criticalityConfig.parse({ images, until: 'LEAST' });
  const bounds = await timed(leastRow, () => measureCriticality(context, { model, criticality: least, protocol, done: [] }));
  const lowest = (of: typeof scores) => of.toSorted((first, second) => first.score - second.score)[0]?.module;
  if (lowest(bounds) !== lowest(scores)) throw new Error(`LEAST chose ${lowest(bounds)}, ALL ${lowest(scores)}.`);
  const passes = (of: typeof scores) => of.reduce((sum, { losses }) => sum + losses.length, 0);
  console.info(`${leastRow}: ${passes(bounds)} of ${passes(scores)} epochs of ascent, the same choice (${lowest(bounds)})`);
  const fineTune = fineTuneConfig.parse({ epochs: 5, batchNorm: 'UPDATE' });
  const tuned = await timed('fine-tune, 5 epochs', () => runFineTune(context, { model, fineTune, scores, protocol, measure, trainImages }));
  const interpolation = interpolationConfig.parse({});
  await timed('sweep, 11 alphas', () =>
    measureInterpolation(context, { base: model, tuned: tuned.weights, interpolation, measure, protocol, done: [] }),
  );
  return seconds;
}

export async function comparePipelines(
  { backend: name, threads, datasets }: { backend?: string; threads: number; datasets: string },
  yardstick: Yardstick | undefined,
): Promise<Row[]> {
  const backend = await chooseBackend({ name, threads });
  const recorder = new Recording();
  let engine: Record<string, number>;
  try {
    engine = await runPipeline({ backend, recorder, datasetsFolder: datasets, signal: new AbortController().signal, seed: 0 });
  } finally {
    await backend.dispose();
  }
  const options = [
    '--model',
    'resnet8',
    '--train',
    String(trainImages),
    '--eval',
    String(images),
    '--at-epochs',
    '2',
    '--ft-epochs',
    '5',
    '--quiet',
  ];
  const answer = yardstick && (await runYardstick(yardstick, 'run', options)).seconds;
  const rows = Object.entries(clocks).map(([name, parts]): Row => {
    const pytorch = answer && parts.reduce((sum, part) => sum + (answer[part] ?? 0), 0);
    return { name, engine: engine[name] as number, pytorch };
  });
  const whole = {
    name: 'whole run',
    engine: rows.reduce((sum, row) => sum + row.engine, 0),
    pytorch: answer && rows.reduce((sum, row) => sum + (row.pytorch ?? 0), 0),
  };
  const scored = rows.find(({ name }) => name.startsWith('MRC'));
  rows.push(whole, { name: leastRow, engine: engine[leastRow] as number, pytorch: scored?.pytorch });
  return rows.map((row) => ({ ...row, speedup: row.pytorch && row.pytorch / row.engine }));
}
