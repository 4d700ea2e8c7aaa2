/** A step of Auto-PGD on real images at one batch size: slope, momentum, checkpoints, and what goes to and fro. */
import { createAttack } from '../../../engine/attacks/attacks.ts';
import { rowOf } from '../../../engine/attacks/rows.ts';
import { AttackTools } from '../../../engine/attacks/tools.ts';
import { batchOf, inOrder } from '../../../engine/data/batches.ts';
import { findDataset } from '../../../engine/data/catalogue.ts';
import { loadSplit } from '../../../engine/data/splits.ts';
import { chooseBackend } from '../../../engine/index.ts';
import { buildNetwork } from '../../../engine/models/architectures.ts';
import { RandomStream } from '../../../engine/random.ts';
import { initialWeights } from '../../../engine/weights/initial.ts';
import type { StepSettings } from './steps.ts';
import { median, type Row } from './table.ts';

/** So small that no image is fooled, and every one takes every step. */
const epsilon = 1e-9;
const steps = 10_000;

/** The pass that an image of some steps takes where a call is quick enough. */
const takenAtOnce = '4';

/** Images a second. */
export async function measureApgd({
  backend: name,
  architecture,
  batch,
  rounds,
  seconds,
  threads,
  datasets,
}: StepSettings): Promise<Row[]> {
  const dataset = findDataset('cifar10');
  const network = buildNetwork(architecture, {}, dataset);
  const weights = initialWeights(network, 0);
  const set = await loadSplit(dataset, datasets, { split: 'test', protocol: 'PAPER', trainedHere: true, images: batch });
  const backend = await chooseBackend({ name, threads });
  const tools = new AttackTools(backend, network, weights);
  const attack = createAttack(tools, { name: 'APGD_CE', config: { epsilon, steps, restarts: 1 } }, 'ANY_STEP');
  try {
    const { images, labels } = batchOf(set, inOrder(batch));
    const { logits } = await tools.predictor.predict(images, labels);
    const size = images.data.length / batch;
    const states = Array.from({ length: batch }, (_, image) => {
      const row = rowOf(logits, image);
      return attack.begin({
        image: (images.data as Float32Array).slice(image * size, (image + 1) * size),
        label: row.indexOf(Math.max(...row)),
        streamOf: (purpose, ...indices) => new RandomStream(0, purpose, image, ...indices),
      });
    });
    const laps: number[] = [];
    for (const pass of ['1', '1', takenAtOnce]) await attack.advance(pass, states);
    for (const end = performance.now() + 1000 * seconds * rounds; performance.now() < end || laps.length < 3; ) {
      const began = performance.now();
      await attack.advance(takenAtOnce, states);
      laps.push(performance.now() - began);
    }
    return [{ name: 'APGD step', engine: (1000 * batch * Number(takenAtOnce)) / median(laps) }];
  } finally {
    await tools.dispose();
    await backend.dispose();
  }
}
