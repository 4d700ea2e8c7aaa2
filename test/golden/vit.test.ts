/** The transformer against PyTorch, at the tolerances of ../shared/goldens/README.md. */
import { mean as meanOf, type Scalar, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Backend, HostArray } from '../../engine/backends/backend.ts';
import { chooseBackend } from '../../engine/backends/choose.ts';
import { classify, differentiate } from '../../engine/models/differentiate.ts';
import { modulesOf } from '../../engine/models/modules.ts';
import { logits, parametersOf, trainedNames } from '../../engine/models/network.ts';
import { describeBackends } from '../helpers/backends.ts';
import { describeGoldens } from './describe.ts';
import { distance, Goldens } from './goldens.ts';

describeGoldens('the transformer as PyTorch computes it', () => {
  describeBackends([['onnx'], ['tensorflow'], ['cpu']], '%s backend', (backendName) => {
    let backend: Backend;
    let found: Record<string, HostArray>;
    const goldens = new Goldens('vit');
    const names = trainedNames(goldens.network);
    beforeAll(async () => {
      backend = await chooseBackend({ name: backendName });
      const { network, weights, batch8 } = goldens;
      const step = backend.compile(
        'gradients',
        (inputs) => {
          const variables = Object.fromEntries(['images', ...names].map((name) => [name, inputs[name] as Tensor]));
          const compute = () => {
            const hidden = inputs.images as Tensor;
            const { losses } = classify(network, { hidden, labels: inputs.labels as Tensor1D, weights: inputs, mode: 'evaluation' });
            return { loss: meanOf(losses) as Scalar, kept: { output: logits(network, inputs, hidden, 'evaluation') } };
          };
          const { loss, gradients, kept } = differentiate(variables, compute);
          return { ...gradients, ...kept, loss };
        },
        { parallelism: 'threads' },
      );
      found = await step.run({ ...weights, images: batch8.images, labels: batch8.labels });
      await step.dispose();
    });
    afterAll(() => backend.dispose());

    it('gives the logits and the loss', () => {
      expect(distance((found.output as HostArray).data, goldens.matrix('eval.logits'))).toBeLessThan(1e-4);
      expect(found.loss?.data[0]).toBeCloseTo(goldens.scalar('eval.loss'), 5);
    });

    it('gives the gradients of images and weights', () => {
      expect(distance((found.images as HostArray).data, goldens.images('eval.grad_input')?.data as Float32Array)).toBeLessThan(1e-3);
      const gradients = Object.fromEntries(names.map((name) => [name, found[name] as HostArray]));
      const distances = goldens.distances('eval.grad.', gradients);
      expect(Object.keys(distances)).toHaveLength(parametersOf(goldens.network).length);
      expect(Math.max(...Object.values(distances))).toBeLessThan(1e-3);
    });
  });

  it('has the weights of attention and MLP as modules', () => {
    expect(modulesOf(new Goldens('vit').network).map(({ name, shape }) => `${name} ${shape.join('×')}`)).toEqual([
      'patch_embed 48×3×4×4',
      ...[0, 1].flatMap((block) => [
        `blocks.${block}.qkv 144×48`,
        `blocks.${block}.proj 48×48`,
        `blocks.${block}.fc1 96×48`,
        `blocks.${block}.fc2 48×96`,
      ]),
      'head 10×48',
    ]);
  });
});
