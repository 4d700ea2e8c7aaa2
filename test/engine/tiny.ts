/** A small network that has learnt the synthetic images well enough to be worth attacking. */
import type { Backend } from '../../engine/backends/backend.ts';
import type { PgdConfig } from '../../engine/config.ts';
import { batchOf, cut, inOrder } from '../../engine/data/batches.ts';
import { type Network, parametersOf } from '../../engine/models/network.ts';
import { resnet } from '../../engine/models/resnet.ts';
import { TrainingGradients } from '../../engine/training/gradients.ts';
import { Sgd } from '../../engine/training/sgd.ts';
import { initialWeights } from '../../engine/weights/initial.ts';
import type { Weights } from '../../engine/weights/weights.ts';
import { syntheticSet } from './synthetic.ts';

export const tinyShape = [12, 12, 3] as const;
export const tinyNetwork: Network = resnet('tiny', { shape: tinyShape, classes: 3 }, [1, 1], 4);
export const tinySet = syntheticSet(48, tinyShape);

/** A strong enough attack to fool some images and not all. */
export const tinyAttack: PgdConfig = { epsilon: 0.06, stepSize: 0.015, steps: 5, randomStart: true, restarts: 1 };

/** Weights after a few epochs on other synthetic images; network: of the same form of images, and three classes at least. */
export async function tinyWeights(backend: Backend, network = tinyNetwork): Promise<Weights> {
  const set = syntheticSet(240, tinyShape);
  const names = parametersOf(network).flatMap(({ name, trained }) => (trained ? [name] : []));
  const source = new TrainingGradients(backend, network, names);
  const optimiser = new Sgd({ momentum: 0.9, weightDecay: 5e-4 });
  let weights = initialWeights(network, 0);
  for (let epoch = 0; epoch < 8; epoch++)
    for (const members of cut(inOrder(set.count), 48)) {
      const { gradients, statistics } = await source.gradients(batchOf(set, members), weights);
      weights = { ...optimiser.step(weights, gradients, 0.05), ...statistics };
    }
  await source.dispose();
  return weights;
}
