import { expect, it } from 'vitest';
import { chooseBackend } from '../../../engine/backends/choose.ts';
import { batchOf, inOrder } from '../../../engine/data/batches.ts';
import { smallCnn } from '../../../engine/models/small-cnn.ts';
import { TrainingGradients } from '../../../engine/training/gradients.ts';
import { initialWeights } from '../../../engine/weights/initial.ts';
import { randomArray } from '../arrays.ts';
import { syntheticSet } from '../synthetic.ts';

const shape = [28, 28, 1] as const;
const network = smallCnn('small', { shape, classes: 3, normalisation: undefined });
const weights = { ...initialWeights(network, 3), 'classifier.fc3.weight': randomArray([200, 3], 1, 0.1) };
const batch = batchOf(syntheticSet(75, shape), inOrder(75));

async function gradientsWith(threads: number) {
  const backend = await chooseBackend({ threads });
  const source = new TrainingGradients(backend, network);
  const found = await source.gradients(batch, weights);
  await source.dispose();
  await backend.dispose();
  return found;
}

it('the gradients of a training step without batch statistics do not depend on the number of threads', async () => {
  const [one, ...others] = await Promise.all([1, 2, 3, 4, 8].map(gradientsWith));
  for (const other of others) expect(other).toEqual(one);
  expect(one?.losses).toHaveLength(75);
});
