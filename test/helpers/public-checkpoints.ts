/** The public checkpoints of ../shared, each with the network that it is of; built from names and shapes in the file alone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArchitectureName } from '../../engine/config.ts';
import { cifar10 } from '../../engine/data/cifar10.ts';
import { mnist } from '../../engine/data/mnist.ts';
import { type ArchitectureOptions, buildNetwork } from '../../engine/models/architectures.ts';
import type { Network } from '../../engine/models/network.ts';
import { openCheckpointFile } from '../../engine/weights/foreign-file.ts';
import { checkWeights } from '../../engine/weights/initial.ts';
import { memorySource } from '../../engine/weights/pytorch/source.ts';
import { fromOfficial } from '../../engine/weights/state-dict.ts';
import type { Weights } from '../../engine/weights/weights.ts';
import { sharedFolder } from './datasets.ts';

interface PublicCheckpoint {
  architecture: ArchitectureName;
  options: ArchitectureOptions;
  dataset: 'cifar10' | 'mnist';
  /** None where absent. */
  mean?: number[];
  sd?: number[];
}

const conv = (filters: number, kernel: number, stride: number, padding: number, name?: string) => ({
  type: 'conv',
  filters,
  kernel,
  stride,
  padding,
  ...(name && { name }),
});
const relu = { type: 'relu' };

/** Two convolutions and two linear layers, as torch.nn.Sequential numbers them. */
const smallNetwork = (padding: number) => ({
  layers: [conv(16, 4, 2, padding), relu, conv(32, 4, 2, padding), relu, { type: 'flatten' }, linear(100), relu, linear(10)],
});
const linear = (outputs: number, name?: string) => ({ type: 'linear', outputs, ...(name && { name }) });

/** A small ResNet without batch normalisation: a convolution of stride 2, stages of two blocks, two linear layers. */
function smallResnet(width: number, stages: number) {
  const block = (name: string, stride: number) => [
    {
      type: 'residual',
      name,
      layers: [conv(2 * width, 3, stride, 1, 'conv1'), relu, conv(2 * width, 3, 1, 1, 'conv2')],
      ...(stride > 1 && { shortcut: [conv(2 * width, 1, stride, 0)] }),
    },
    relu,
  ];
  const stage = (_: unknown, index: number) => [...block(`layer${index + 1}.0`, 2), ...block(`layer${index + 1}.1`, 1)];
  const blocks = Array.from({ length: stages }, stage).flat();
  return {
    layers: [conv(width, 3, 2, 1, 'conv1'), relu, ...blocks, { type: 'flatten' }, linear(100, 'linear1'), relu, linear(10, 'linear2')],
  };
}

const cifarMean = [0.4914, 0.4822, 0.4465];
const imagenetMean = [0.485, 0.456, 0.406];

export const publicCheckpoints = {
  'TRADES_model_mnist_smallcnn.pt': { architecture: 'SMALL_CNN', options: {}, dataset: 'mnist' },
  'abcrown_oval_cifar_wide.pth': {
    architecture: 'SEQUENTIAL',
    options: smallNetwork(1),
    dataset: 'cifar10',
    mean: imagenetMean,
    sd: [0.225, 0.225, 0.225],
  },
  'abcrown_eran_cifar_conv_small_pgd.pth': {
    architecture: 'SEQUENTIAL',
    options: smallNetwork(0),
    dataset: 'cifar10',
    mean: cifarMean,
    sd: [0.2023, 0.1994, 0.201],
  },
  'abcrown_cifar10_resnet_resnet2b.pth': {
    architecture: 'SEQUENTIAL',
    options: smallResnet(8, 1),
    dataset: 'cifar10',
    mean: cifarMean,
    sd: [0.2471, 0.2435, 0.2616],
  },
  'abcrown_cifar10_resnet_resnet4b.pth': {
    architecture: 'SEQUENTIAL',
    options: smallResnet(16, 2),
    dataset: 'cifar10',
    mean: cifarMean,
    sd: [0.2471, 0.2435, 0.2616],
  },
  'akamaster_resnet20-12fca82f.th': {
    architecture: 'RESNET_CIFAR',
    options: { depth: 20 },
    dataset: 'cifar10',
    mean: imagenetMean,
    sd: [0.229, 0.224, 0.225],
  },
} satisfies Record<string, PublicCheckpoint>;
export type PublicCheckpointName = keyof typeof publicCheckpoints;

/** A public checkpoint, with its own normalisation as the network's first operation. */
export function loadPublicCheckpoint(file: PublicCheckpointName): { network: Network; weights: Weights } {
  const { architecture, options, dataset, mean, sd }: PublicCheckpoint = publicCheckpoints[file];
  const { shape, classes } = { cifar10, mnist }[dataset];
  const normalisation = mean && sd ? { mean, deviation: sd } : undefined;
  const network = buildNetwork(architecture, options, { shape, classes, normalisation });
  const bytes = readFileSync(join(sharedFolder as string, 'data/checkpoints', file));
  const { tensors } = openCheckpointFile(memorySource(new Uint8Array(bytes)));
  const entries = [...tensors].flatMap(([name, tensor]) => {
    if (!tensor.holdsFloats) return [];
    const values = tensor.floats();
    const raw = {
      dtype: 'F32' as const,
      shape: [...tensor.shape],
      bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    };
    return [[name.replace(/^module\./, ''), fromOfficial(name, raw)] as const];
  });
  return { network, weights: checkWeights(network, Object.fromEntries(entries)) };
}
