/** Fine-tuning one module of ResNet-8 for five epochs of 5,000 images, from the same kind of weights on both sides. */
import { fineTuneConfig, measureConfig } from '../../../engine/config.ts';
import { findDataset } from '../../../engine/data/catalogue.ts';
import { chooseBackend, runFineTune } from '../../../engine/index.ts';
import { buildNetwork } from '../../../engine/models/architectures.ts';
import { initialWeights } from '../../../engine/weights/initial.ts';
import { Recording } from '../../engine/recording.ts';
import type { Row } from './table.ts';
import { runYardstick, type Yardstick } from './yardstick.ts';

/** In the middle of the network: about half of it lies in front of the module, where no backward pass goes. */
const module = 'layer2.0.conv1';
const epochs = 5;
const images = 1000;
const trainImages = 5000;

async function engineSeconds(
  batchNorm: 'FROZEN' | 'UPDATE',
  { threads, datasets }: { threads: number; datasets: string },
): Promise<number> {
  const backend = await chooseBackend({ threads });
  const context = { backend, recorder: new Recording(), datasetsFolder: datasets, signal: new AbortController().signal, seed: 0 };
  const weights = initialWeights(buildNetwork('RESNET8', {}, findDataset('cifar10')), 0);
  const fineTune = fineTuneConfig.parse({ select: 'NAMED', modules: [module], epochs, batchNorm });
  try {
    const began = performance.now();
    await runFineTune(context, {
      model: { architecture: 'RESNET8', dataset: 'cifar10', weights, trainedHere: true },
      fineTune,
      scores: [],
      protocol: 'PAPER',
      measure: measureConfig.parse({ images }),
      trainImages,
    });
    return (performance.now() - began) / 1000;
  } finally {
    await backend.dispose();
  }
}

/** The yardstick's whole run with nothing in it but the fine-tuning; what little else it does is not counted. */
async function yardstickSeconds(batchNorm: 'FROZEN' | 'UPDATE', yardstick: Yardstick): Promise<number> {
  const none = ['--at-epochs', '0', '--mrc-epochs', '0', '--eval-k', '1'];
  const work = ['--module', module, '--ft-epochs', String(epochs), '--train', String(trainImages), '--eval', String(images)];
  const mode = batchNorm === 'FROZEN' ? ['--freeze-bn'] : [];
  const { seconds = {} } = await runYardstick(yardstick, 'run', ['--model', 'resnet8', '--quiet', ...none, ...work, ...mode]);
  return (seconds['finetune.train'] ?? 0) + (seconds['finetune.select'] ?? 0);
}

/** Seconds; both sides in turn. */
export async function compareFineTunes(settings: { threads: number; datasets: string }, yardstick: Yardstick | undefined): Promise<Row[]> {
  const rows: Row[] = [];
  for (const batchNorm of ['FROZEN', 'UPDATE'] as const) {
    const engine = await engineSeconds(batchNorm, settings);
    const pytorch = yardstick && (await yardstickSeconds(batchNorm, yardstick));
    rows.push({
      name: `batch normalisation ${batchNorm === 'FROZEN' ? 'frozen' : 'updating'}`,
      engine,
      pytorch,
      speedup: pytorch && pytorch / engine,
    });
  }
  return rows;
}
