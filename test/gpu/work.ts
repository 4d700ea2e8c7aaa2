/** The work that is measured: PGD and training steps on seeded random images of CIFAR-10's shape. */
import { Ascent } from '../../engine/attacks/ascent.ts';
import type { Backend } from '../../engine/backends/backend.ts';
import { type ArchitectureName, pgdConfig } from '../../engine/config.ts';
import type { Batch } from '../../engine/data/batches.ts';
import { cifar10 } from '../../engine/data/cifar10.ts';
import { buildNetwork } from '../../engine/models/architectures.ts';
import { parametersOf } from '../../engine/models/network.ts';
import { RandomStream } from '../../engine/random.ts';
import { TrainingGradients } from '../../engine/training/gradients.ts';
import { Sgd } from '../../engine/training/sgd.ts';
import { unwatched } from '../../engine/watch.ts';
import { initialWeights } from '../../engine/weights/initial.ts';

function randomBatch(count: number): Batch {
  const [height, width, channels] = cifar10.shape;
  const pixels = new RandomStream(0, 'check of a GPU').fillUniform(new Float32Array(count * height * width * channels), 0, 1);
  return {
    images: { shape: [count, height, width, channels], dtype: 'float32', data: pixels },
    labels: { shape: [count], dtype: 'int32', data: Int32Array.from({ length: count }, (_, index) => index % cifar10.classes) },
    count,
  };
}

export interface Work {
  /** All steps of PGD on the batch. */
  attack(): Promise<unknown>;
  /** Gradients in training mode and the optimiser's step. */
  train(): Promise<unknown>;
  dispose(): Promise<unknown>;
}

export function openWork(backend: Backend, architecture: ArchitectureName, count: number, steps: number): Work {
  const network = buildNetwork(architecture, {}, cifar10);
  const batch = randomBatch(count);
  let weights = initialWeights(network, 0);
  const names = parametersOf(network).flatMap(({ name, trained }) => (trained ? [name] : []));
  const pgd = new Ascent(backend, network, pgdConfig.parse({ randomStart: false, steps }), weights);
  const source = new TrainingGradients(backend, network, names);
  const optimiser = new Sgd({ momentum: 0.9, weightDecay: 5e-4 });
  return {
    attack: () => pgd.perturb(batch, batch.images, unwatched),
    async train() {
      const { gradients, statistics } = await source.gradients(batch, weights);
      weights = { ...optimiser.step(weights, gradients, 0.01), ...statistics };
    },
    dispose: () => Promise.all([pgd.dispose(), source.dispose()]),
  };
}
