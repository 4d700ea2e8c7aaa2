/** A checkpoint's file has what a plain PyTorch script needs: every entry of the official class, and what to do with pixels. */
import { describe, expect, it } from 'vitest';
import { trainingConfig } from '../../../engine/config.ts';
import { cifar10 } from '../../../engine/data/cifar10.ts';
import { buildNetwork } from '../../../engine/models/architectures.ts';
import { networkOf } from '../../../engine/models/form.ts';
import { wideResnet } from '../../../engine/models/wide-resnet.ts';
import { aboutTraining, completeWeights, trainingOfFile, writeCheckpoint } from '../../../engine/weights/checkpoint-file.ts';
import { checkWeights, initialWeights } from '../../../engine/weights/initial.ts';
import { parseSafetensors } from '../../../engine/weights/safetensors.ts';
import { readWeights } from '../../../engine/weights/state-dict.ts';

describe('a checkpoint file', () => {
  it('says what the network is and how its pixels are normalised', () => {
    const network = buildNetwork('RESNET8', {}, cifar10);
    const weights = initialWeights(network, 0);
    const bytes = writeCheckpoint({ architecture: 'RESNET8', dataset: 'CIFAR-10', variant: 'PGD_AT' }, weights);
    const { tensors, metadata } = parseSafetensors(bytes);
    expect(Object.keys(tensors)).toEqual(Object.keys(weights));
    expect(metadata).toMatchObject({
      ...{ format: 'pt', architecture: 'RESNET8', architectureOptions: '{}', dataset: 'cifar10', variant: 'PGD_AT' },
      ...{ classes: '10', shape: '[3,32,32]' },
      normalisation: '{"mean":[0.4914,0.4822,0.4465],"sd":[0.2471,0.2435,0.2616]}',
    });
    expect(JSON.parse(metadata.modules ?? '')).toEqual(
      Object.keys(weights).flatMap((name) => (weights[name]?.shape.length === 1 ? [] : [name.slice(0, -'.weight'.length)])),
    );
    const grey = parseSafetensors(
      writeCheckpoint(
        { architecture: 'SMALL_CNN', dataset: 'mnist' },
        initialWeights(buildNetwork('SMALL_CNN', {}, { ...cifar10, shape: [28, 28, 1] }), 0),
      ),
    );
    expect(grey.metadata.normalisation).toBe('{"mean":[0],"sd":[1]}');
    expect(grey.metadata).not.toHaveProperty('variant');
  });

  it('says which options and which normalisation of its own the network has', () => {
    const normalisation = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };
    const form = { architecture: 'RESNET_CIFAR' as const, architectureOptions: { depth: 20 }, normalisation };
    const { metadata } = parseSafetensors(writeCheckpoint({ ...form, dataset: 'cifar10' }, initialWeights(networkOf(form, cifar10), 0)));
    expect(metadata).toMatchObject({
      architectureOptions: '{"depth":20}',
      normalisation: '{"mean":[0.485,0.456,0.406],"sd":[0.229,0.224,0.225]}',
    });
    expect(() => networkOf(form, { ...cifar10, shape: [28, 28, 1] })).toThrow('is for 3 channels; the images have 1');
  });

  it('says how its weights were trained, every default resolved', () => {
    const training = trainingConfig.parse({ architecture: 'RESNET8', dataset: 'cifar10', variant: 'TRADES', emaDecay: 0.99 });
    const weights = initialWeights(buildNetwork('RESNET8', {}, cifar10), 0);
    const bytes = writeCheckpoint(aboutTraining(training), weights);
    const { architecture, dataset, ...rest } = training;
    expect(JSON.parse(trainingOfFile(bytes) ?? '')).toEqual(rest);
    expect(rest).toMatchObject({ variant: 'TRADES', options: { beta: 6 }, attack: { steps: 10 }, schedule: 'MILESTONES', emaDecay: 0.99 });
    const about = { architecture, dataset, variant: 'TRADES' };
    expect(writeCheckpoint({ ...about, training: trainingOfFile(bytes) }, weights)).toEqual(bytes);
    expect(trainingOfFile(writeCheckpoint(about, weights))).toBeUndefined();
  });

  it.each([
    ['WRN28_10', 41],
    ['WRN34_10', 51],
  ] as const)('of a %s has the %i entries that the official class never uses', (architecture, count) => {
    const { unused, blocks } = buildNetwork(architecture, {}, cifar10);
    expect(unused?.parameters).toHaveLength(count);
    const first = blocks.filter(({ name }) => name.startsWith('block1.')).flatMap(({ parameters }) => parameters);
    expect(unused?.parameters.map(({ name, shape }) => [name, shape])).toEqual(first.map(({ name, shape }) => [`sub_${name}`, shape]));
  });

  it('reads back as the network it was, without them', () => {
    const network = wideResnet('tiny', cifar10, { depth: 10, widenFactor: 1 });
    const weights = initialWeights(network, 2);
    const complete = completeWeights(network, weights);
    expect(Object.keys(complete).length).toBe(Object.keys(weights).length + 10);
    expect(checkWeights(network, complete)).toEqual(weights);
    expect(() => checkWeights(network, { ...complete, 'sub_block2.x': weights['fc.bias'] as never })).toThrow('sub_block2.x');
    expect(
      readWeights(
        writeCheckpoint({ architecture: 'RESNET8', dataset: 'cifar10' }, initialWeights(buildNetwork('RESNET8', {}, cifar10), 1)),
      ),
    ).toEqual(initialWeights(buildNetwork('RESNET8', {}, cifar10), 1));
  });
});
