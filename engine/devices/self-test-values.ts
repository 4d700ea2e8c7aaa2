/**
 * What a device must get right before it is trusted: an attack step, a training step and the gradient of one module, of three small
 * networks: a residual one, a plain one, and a transformer.
 */
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { Ascent } from '../attacks/ascent.ts';
import type { Backend, HostArray, HostArrays, Step } from '../backends/backend.ts';
import type { Batch } from '../data/batches.ts';
import { classify, differentiate } from '../models/differentiate.ts';
import { type Network, parametersOf } from '../models/network.ts';
import { resnet } from '../models/resnet.ts';
import { smallCnn } from '../models/small-cnn.ts';
import { vit } from '../models/vit.ts';
import { sizeOf } from '../ops/arrays.ts';
import { RandomStream } from '../random.ts';
import { FrozenGradients } from '../training/frozen-gradients.ts';
import { TrainingGradients } from '../training/gradients.ts';
import type { Weights } from '../weights/weights.ts';

const images = 4;
const normalisation = { mean: [0.5, 0.45, 0.4], deviation: [0.25, 0.24, 0.26] };
const attack = { epsilon: 0.08, stepSize: 0.1, steps: 1, randomStart: false, restarts: 1 };

/** A network, and the tensor whose gradient is taken in evaluation mode. */
const cases = [
  { network: resnet('residual', { shape: [12, 12, 3], classes: 4, normalisation }, [1, 1], 16), tensor: 'layer2.0.conv1.weight' },
  { network: smallCnn('plain', { shape: [16, 16, 1], classes: 4, normalisation: undefined }), tensor: 'feature_extractor.conv3.weight' },
  {
    network: vit('attention', { shape: [8, 8, 3], classes: 4, normalisation }, { patch: 4, dim: 16, depth: 1, heads: 2, mlpRatio: 2 }),
    tensor: 'blocks.0.qkv.weight',
  },
];

const floats = (data: Float32Array): HostArray => ({ shape: [data.length], dtype: 'float32', data });

/** Weights away from the zeros and ones that initial weights have. */
function weightsOf(network: Network): Weights {
  return Object.fromEntries(
    parametersOf(network).map(({ name, shape }) => {
      const isScale = /running_var$|(bn\d|shortcut\.1|norm\d|norm_out)\.weight$/.test(name);
      const spread = shape.length > 1 ? Math.sqrt(6 / sizeOf(shape.slice(0, -1))) : 0.3;
      const centre = isScale ? 1 : 0;
      const stream = new RandomStream(1, `self-test ${network.architecture} ${name}`);
      const data = stream.fillUniform(new Float32Array(sizeOf(shape)), centre - spread, centre + spread);
      return [name, { shape, dtype: 'float32', data }];
    }),
  );
}

function batchFor({ architecture, inputShape, classes }: Network): Batch {
  const stream = new RandomStream(1, `self-test images ${architecture}`);
  const pixels = stream.fillUniform(new Float32Array(images * sizeOf(inputShape)), 0, 1);
  return {
    images: { shape: [images, ...inputShape], dtype: 'float32', data: pixels },
    labels: { shape: [images], dtype: 'int32', data: Int32Array.from({ length: images }, (_, index) => index % classes) },
    count: images,
  };
}

/** The gradient that an attack takes the sign of. */
function inputGradient(network: Network): Step {
  return (inputs) => {
    const { gradients } = differentiate({ images: inputs.images as Tensor }, () => {
      const labels = inputs.labels as Tensor1D;
      const { losses } = classify(network, { hidden: inputs.images as Tensor, labels, weights: inputs, mode: 'evaluation' });
      return { loss: tf.sum(losses), kept: {} };
    });
    return { gradient: gradients.images as Tensor };
  };
}

async function valuesOf(
  backend: Backend,
  { network, tensor }: (typeof cases)[number],
  weights: Weights,
  batch: Batch,
): Promise<HostArrays> {
  const trained = parametersOf(network).flatMap((parameter) => (parameter.trained ? [parameter.name] : []));
  const slope = backend.compile(`self-test of ${network.architecture}`, inputGradient(network), {
    parallelism: 'images',
    constants: weights,
  });
  const pgd = new Ascent(backend, network, attack, weights);
  const training = new TrainingGradients(backend, network, trained);
  const frozen = new FrozenGradients(backend, network, weights, { names: [tensor], from: 0 });
  try {
    const { gradient } = await slope.run({ images: batch.images, labels: batch.labels });
    const { adversarial } = await pgd.advance(batch, batch.images);
    const step = await training.gradients(batch, weights);
    const one = await frozen.gradients(batch, weights);
    return {
      'input gradient': gradient as HostArray,
      'PGD step': adversarial,
      'training losses': floats(step.losses),
      ...Object.fromEntries(Object.entries(step.gradients).map(([name, array]) => [`training gradient of ${name}`, array])),
      ...Object.fromEntries(Object.entries(step.statistics).map(([name, array]) => [`training ${name}`, array])),
      'evaluation losses': floats(one.losses),
      [`evaluation gradient of ${tensor}`]: one.gradients[tensor] as HostArray,
    };
  } finally {
    await Promise.all([slope.dispose(), pgd.dispose(), training.dispose(), frozen.dispose()]);
  }
}

/** Everything that the test computes, by name. change: alters weights and images, to see how much comes out. */
export async function selfTestValues(backend: Backend, change: (array: HostArray) => HostArray = (array) => array): Promise<HostArrays> {
  const values: HostArrays = {};
  for (const one of cases) {
    const weights = Object.fromEntries(Object.entries(weightsOf(one.network)).map(([name, array]) => [name, change(array)]));
    const batch = batchFor(one.network);
    const found = await valuesOf(backend, one, weights, { ...batch, images: change(batch.images) });
    for (const [name, array] of Object.entries(found)) values[`${one.network.architecture}: ${name}`] = array;
  }
  return values;
}
