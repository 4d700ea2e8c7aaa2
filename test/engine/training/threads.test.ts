/** What is trained does not depend on the number of threads. */
import { expect, it } from 'vitest';
import type { Backend, HostArrays } from '../../../engine/backends/backend.ts';
import { chooseBackend } from '../../../engine/backends/choose.ts';
import { measureConfig, pgdConfig, trainingConfig } from '../../../engine/config.ts';
import { batchOf, inOrder } from '../../../engine/data/batches.ts';
import { resnet } from '../../../engine/models/resnet.ts';
import { smallCnn } from '../../../engine/models/small-cnn.ts';
import { runTraining } from '../../../engine/stages/training.ts';
import { TrainingGradients } from '../../../engine/training/gradients.ts';
import { initialWeights } from '../../../engine/weights/initial.ts';
import { contextOf, Recording } from '../recording.ts';
import { syntheticSet } from '../synthetic.ts';

const shape = [16, 16, 1] as const;
const input = { shape, classes: 3, normalisation: undefined };

/** What each number of threads finds. */
async function withThreads<Found>(counts: number[], find: (backend: Backend) => Promise<Found>): Promise<Found[]> {
  const found: Found[] = [];
  for (const threads of counts) {
    const backend = await chooseBackend({ threads });
    found.push(await find(backend));
    await backend.dispose();
  }
  return found;
}

it.each([
  ['without batch statistics', smallCnn('small', input), 75],
  ['with batch statistics', resnet('small', input, [1], 8), 75],
  ['with batch statistics, of fewer images than threads', resnet('small', input, [1, 1], 8), 3],
])('the gradients of a training step %s', async (_kind, network, count) => {
  const weights = initialWeights(network, 3);
  const batch = batchOf(syntheticSet(count, shape), inOrder(count));
  const [one, ...others] = await withThreads([1, 3, 8], async (backend) => {
    const source = new TrainingGradients(backend, network);
    const found = await source.gradients(batch, weights);
    await source.dispose();
    return found;
  });
  for (const other of others) expect(other).toEqual(one);
  expect(one?.losses).toHaveLength(count);
});

it.each(['SMALL_CNN', 'RESNET8'] as const)(
  'the weights of a %s after a training whose last batch is a single image',
  async (architecture) => {
    const attack = pgdConfig.parse({ epsilon: 0.1, stepSize: 0.05, steps: 2 });
    const training = trainingConfig.parse({
      ...{ architecture, dataset: 'synthetic-10-classes-16-px', variant: 'PGD_AT', attack },
      ...{ trainImages: 33, epochs: 1, batchSize: 16 },
    });
    const request = { training, protocol: 'HOLD_OUT', measure: measureConfig.parse({ images: 10, attack }) } as const;
    const [one, ...others] = await withThreads(
      [1, 3],
      async (backend): Promise<HostArrays> => (await runTraining(contextOf(backend, new Recording(), { seed: 3 }), request)).weights,
    );
    for (const other of others) expect(other).toEqual(one);
  },
);
