/** The public checkpoints against PyTorch: logits, and which images are right clean and under PGD-20. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mean, type Scalar, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Backend, HostArray } from '../../engine/backends/backend.ts';
import { chooseBackend } from '../../engine/backends/choose.ts';
import { measureConfig } from '../../engine/config.ts';
import { batchOf } from '../../engine/data/batches.ts';
import { cifar10 } from '../../engine/data/cifar10.ts';
import { type ImageSet, loadSplit, partOf } from '../../engine/data/splits.ts';
import { Meter } from '../../engine/evaluation/meter.ts';
import { classify, differentiate } from '../../engine/models/differentiate.ts';
import { logits, type Network } from '../../engine/models/network.ts';
import { unwatched } from '../../engine/watch.ts';
import { parseSafetensors, type RawTensor } from '../../engine/weights/safetensors.ts';
import type { Weights } from '../../engine/weights/weights.ts';
import { sharedFolder } from '../helpers/datasets.ts';
import { loadPublicCheckpoint, type PublicCheckpointName, publicCheckpoints } from '../helpers/public-checkpoints.ts';
import { describeGoldens } from './describe.ts';
import { distance, type Probe, probeDistance } from './goldens.ts';

interface Row {
  file: PublicCheckpointName;
  /** Of the first four images; the MNIST row has all of its eight patterns under `logits`. */
  first_logits: number[][];
  clean_correct: string;
  pgd20_correct: string;
  logits: number[][];
  grad_input: Probe;
}

const folder = join(sharedFolder ?? '', 'goldens');
const greyFile = 'TRADES_model_mnist_smallcnn.pt';
const cifarFiles = Object.keys(publicCheckpoints).filter((file) => file !== greyFile) as PublicCheckpointName[];

/** The tests, on so many images of each checkpoint, and with so many whose answer to PGD may differ. */
export function describePublicCheckpoints(imagesOf: (file: PublicCheckpointName) => number, most: number): void {
  describeGoldens('public checkpoints as PyTorch evaluates them', () => {
    let backend: Backend;
    let set: ImageSet;
    let rows: Row[];
    beforeAll(async () => {
      backend = await chooseBackend();
      rows = JSON.parse(readFileSync(join(folder, 'evaluation.json'), 'utf8')).checkpoints;
      const wanted = { split: 'test', protocol: 'PAPER', trainedHere: true, images: 500 } as const;
      set = await loadSplit(cifar10, process.env.RIFTLAB_DATASETS as string, wanted);
    });
    afterAll(() => backend.dispose());

    const rowOf = (file: PublicCheckpointName) => rows.find((row) => row.file === file) as Row;

    async function logitsOf(network: Network, weights: Weights, images: HostArray) {
      const step = backend.compile('logits', (inputs) => ({ logits: logits(network, inputs, inputs.images as Tensor, 'evaluation') }), {
        parallelism: 'threads',
        constants: { ...weights },
      });
      const outputs = await step.run({ images });
      await step.dispose();
      return outputs.logits?.data as Float32Array;
    }

    it.each(cifarFiles)('%s', async (file) => {
      const { network, weights } = loadPublicCheckpoint(file);
      const row = rowOf(file);
      const found = await logitsOf(network, weights, batchOf(set, [0, 1, 2, 3]).images);
      expect(distance(found, row.first_logits.flat())).toBeLessThan(1e-4);
      const attack = { epsilon: 8 / 255, stepSize: 2 / 255, steps: 20, randomStart: false };
      const measure = measureConfig.parse({ attack, rule: 'LAST_STEP' });
      const meter = new Meter(backend, network, weights, { measure, seed: 0, adversarial: true });
      const { standard, robust } = await meter.take(partOf(set, 0, imagesOf(file)), unwatched);
      await meter.dispose();
      const differing = (flags: ArrayLike<number>, expected: string) =>
        Array.from(flags).filter((flag, index) => flag !== Number(expected[index])).length;
      expect(differing(standard, row.clean_correct)).toBeLessThanOrEqual(1);
      expect(differing(robust as Uint8Array, row.pgd20_correct)).toBeLessThanOrEqual(most);
    });

    it(greyFile, async () => {
      const { network, weights } = loadPublicCheckpoint(greyFile);
      const { patterns } = parseSafetensors(readFileSync(join(folder, 'evaluation_grey_inputs.safetensors'))).tensors;
      const pixels = Float32Array.from((patterns as RawTensor).bytes, (value) => value / 255);
      const images: HostArray = { shape: [8, 28, 28, 1], dtype: 'float32', data: pixels };
      const row = rowOf(greyFile);
      expect(distance(await logitsOf(network, weights, images), row.logits.flat())).toBeLessThan(1e-4);
      const step = backend.compile(
        'input gradient',
        (inputs) => {
          const hidden = inputs.images as Tensor;
          const compute = () => {
            const { losses } = classify(network, { hidden, labels: inputs.labels as Tensor1D, weights: inputs, mode: 'evaluation' });
            return { loss: mean(losses) as Scalar, kept: {} };
          };
          return { gradient: differentiate({ hidden }, compute).gradients.hidden as Tensor };
        },
        { parallelism: 'threads', constants: { ...weights } },
      );
      const labels: HostArray = { shape: [8], dtype: 'int32', data: Int32Array.from({ length: 8 }, (_, index) => index) };
      const { gradient } = await step.run({ images, labels });
      await step.dispose();
      expect(probeDistance((gradient as HostArray).data, row.grad_input)).toBeLessThan(1e-3);
    });
  });
}
