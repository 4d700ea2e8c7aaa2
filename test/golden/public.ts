/** The public networks of ../shared/data/checkpoints that attacks were measured on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cifar10 } from '../../engine/data/cifar10.ts';
import { buildNetwork } from '../../engine/models/architectures.ts';
import type { Network } from '../../engine/models/network.ts';
import { openCheckpointFile } from '../../engine/weights/foreign-file.ts';
import { checkWeights } from '../../engine/weights/initial.ts';
import { memorySource } from '../../engine/weights/pytorch/source.ts';
import { fromOfficial } from '../../engine/weights/state-dict.ts';
import type { Weights } from '../../engine/weights/weights.ts';
import { sharedFolder } from '../helpers/datasets.ts';

const own = { mean: [0.4914, 0.4822, 0.4465], deviation: [0.2471, 0.2435, 0.2616] } as const;
const oval = { mean: [0.485, 0.456, 0.406], deviation: [0.225, 0.225, 0.225] } as const;
const imagenet = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] } as const;

const relu = { type: 'relu' };
const flatten = { type: 'flatten' };
const conv = (filters: number, stride: number, name?: string, kernel = 3) => ({
  ...{ type: 'conv', filters, kernel, stride, padding: kernel > 1 ? 1 : 0 },
  ...(name && { name }),
});
const linear = (name?: string, outputs?: number) => ({ type: 'linear', ...(name && { name }), ...(outputs && { outputs }) });

/** Two biased convolutions beside a shortcut, which is one too where the shape changes. */
const block = (name: string, filters: number, stride: number) => [
  {
    ...{ type: 'residual', name },
    layers: [conv(filters, stride, 'conv1'), relu, conv(filters, 1, 'conv2')],
    shortcut: stride === 1 ? [] : [conv(filters, stride, undefined, 1)],
  },
  relu,
];

const layersOf = {
  'abcrown_oval_cifar_wide.pth': [
    ...[conv(16, 2, undefined, 4), relu, conv(32, 2, undefined, 4), relu, flatten],
    ...[linear(undefined, 100), relu, linear()],
  ],
  'abcrown_cifar10_resnet_resnet2b.pth': [
    ...[conv(8, 2, 'conv1'), relu, ...block('layer1.0', 16, 2), ...block('layer1.1', 16, 1)],
    ...[flatten, linear('linear1', 100), relu, linear('linear2')],
  ],
  'abcrown_cifar10_resnet_resnet4b.pth': [
    ...[conv(16, 2, 'conv1'), relu, ...block('layer1.0', 32, 2), ...block('layer1.1', 32, 1)],
    ...[...block('layer2.0', 32, 2), ...block('layer2.1', 32, 1), flatten, linear('linear1', 100), relu, linear('linear2')],
  ],
};

/** Layers and normalisation of a network that is a chain of layers; undefined for the others. */
export function chainOf(file: string) {
  const layers: readonly object[] | undefined = layersOf[file as keyof typeof layersOf];
  return layers && { layers, normalisation: file.includes('oval') ? oval : own };
}

function networkOf(file: string): Network {
  const chain = chainOf(file);
  if (!chain) return buildNetwork('RESNET_CIFAR', { depth: 20 }, { ...cifar10, normalisation: imagenet });
  return buildNetwork('SEQUENTIAL', { layers: chain.layers }, { ...cifar10, normalisation: chain.normalisation });
}

export const checkpointFile = (file: string) => join(sharedFolder ?? '', 'data/checkpoints', file);

/** lastLayerTimes: what the last layer's weight and bias are multiplied by. */
export function publicNetwork(file: string, lastLayerTimes = 1): { network: Network; weights: Weights } {
  const network = networkOf(file);
  const bytes = new Uint8Array(readFileSync(checkpointFile(file)));
  const entries = [...openCheckpointFile(memorySource(bytes)).tensors].flatMap(([name, tensor]) => {
    if (!tensor.holdsFloats) return [];
    const factor = name.startsWith('linear2.') ? lastLayerTimes : 1;
    const { buffer } = tensor.floats().map((value) => value * factor);
    return [[name.replace('module.', ''), fromOfficial(name, { dtype: 'F32', shape: [...tensor.shape], bytes: new Uint8Array(buffer) })]];
  });
  return { network, weights: checkWeights(network, Object.fromEntries(entries)) };
}
