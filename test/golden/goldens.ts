/** Reads ../shared/goldens: exact inputs, and outputs of PyTorch in float64. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostArray } from '../../engine/backends/backend.ts';
import type { Batch } from '../../engine/data/batches.ts';
import { cifar10 } from '../../engine/data/cifar10.ts';
import type { Network } from '../../engine/models/network.ts';
import { resnet } from '../../engine/models/resnet.ts';
import { vit } from '../../engine/models/vit.ts';
import { wideResnet } from '../../engine/models/wide-resnet.ts';
import { checkWeights } from '../../engine/weights/initial.ts';
import { parseSafetensors, type RawTensor, type Safetensors } from '../../engine/weights/safetensors.ts';
import { floatsOf, fromOfficial, toOfficial } from '../../engine/weights/state-dict.ts';
import type { Weights } from '../../engine/weights/weights.ts';
import { sharedFolder } from '../helpers/datasets.ts';

/** A stand-in for a tensor: sum and norm of all entries, and the values at some flat indices of PyTorch's layout. */
export interface Probe {
  count: number;
  sum: number;
  l2: number;
  at: number[];
  values: number[];
}

export interface MrcRow {
  module: string;
  batch: number;
  mrc: number;
  float32_mrc: number;
  loss: number[];
}

interface ModelGoldens {
  module_finetuned: string;
  scalars: Record<string, number>;
  mrc: MrcRow[];
  probes: Record<string, Probe>;
}

const networks: Record<string, Network> = {
  resnet8: resnet('resnet8', cifar10, [1, 1, 1], 16),
  'wrn10-1': wideResnet('wrn10-1', cifar10, { depth: 10, widenFactor: 1 }),
  vit: vit('vit', cifar10, { patch: 4, dim: 48, depth: 2, heads: 3, mlpRatio: 2 }),
};
export type GoldenName = 'resnet8' | 'wrn10-1' | 'vit';

/** Where the files are: beside the checkout, or where a machine without one has them. */
const folder = process.env.RIFTLAB_GOLDENS || join(sharedFolder ?? '', 'goldens');
export const hasGoldens = () => existsSync(join(folder, 'parity.json'));

const read = (file: string) => readFileSync(join(folder, file));

function batch(images: RawTensor, labels: RawTensor): Batch {
  const { shape, bytes } = images;
  const bytesAsFloats = Float32Array.from(bytes, (value) => value / 255);
  const official = { dtype: 'F32' as const, shape, bytes: new Uint8Array(bytesAsFloats.buffer) };
  return {
    images: channelsLast(official),
    labels: { shape: labels.shape, dtype: 'int32', data: Int32Array.from(labels.bytes) },
    count: shape[0] as number,
  };
}

/** count x channels x height x width to count x height x width x channels. */
export function channelsLast(tensor: RawTensor): HostArray {
  const [count, channels, height, width] = tensor.shape as [number, number, number, number];
  const from = floatsOf('images', tensor);
  const data = new Float32Array(from.length);
  for (let index = 0; index < from.length; index++) {
    const image = Math.floor(index / (channels * height * width));
    const channel = Math.floor(index / (height * width)) % channels;
    data[(image * height * width + (index % (height * width))) * channels + channel] = from[index] as number;
  }
  return { shape: [count, height, width, channels], dtype: 'float32', data };
}

/** count x height x width x channels to the flat order of count x channels x height x width. */
export function channelsFirst({ shape, data }: HostArray): Float32Array {
  const [, height, width, channels] = shape as [number, number, number, number];
  const result = new Float32Array(data.length);
  for (let index = 0; index < data.length; index++) {
    const pixel = Math.floor(index / channels) % (height * width);
    const image = Math.floor(index / (channels * height * width));
    result[(image * channels + (index % channels)) * height * width + pixel] = data[index] as number;
  }
  return result;
}

export class Goldens {
  readonly network: Network;
  readonly scalars: ModelGoldens;
  readonly weights: Weights;
  readonly batch8: Batch;
  readonly startNoise: HostArray;
  /** What the attack of TRADES adds to the images first. */
  readonly klNoise: HostArray;
  private readonly tensors: Safetensors['tensors'];
  private readonly labels32: RawTensor;

  constructor(name: GoldenName) {
    this.network = networks[name] as Network;
    this.scalars = JSON.parse(read('parity.json').toString()).models[name];
    this.tensors = parseSafetensors(read(`parity_${name}.safetensors`)).tensors;
    this.weights = checkWeights(this.network, this.group('weights.'));
    const inputs = parseSafetensors(read('parity_inputs.safetensors')).tensors;
    this.labels32 = inputs.labels32 as RawTensor;
    this.batch8 = batch(inputs.images8 as RawTensor, inputs.labels8 as RawTensor);
    this.startNoise = channelsLast(inputs.start_noise as RawTensor);
    this.klNoise = channelsLast(inputs.kl_noise as RawTensor);
  }

  /** The adversarial examples of 32 images that are given. */
  get adversarial32(): Batch {
    return batch(this.tensors['given.adv32'] as RawTensor, this.labels32);
  }

  /** Tensors whose names begin with the prefix, in the engine's layout, without it. */
  group(prefix: string): Weights {
    const chosen = Object.entries(this.tensors).filter(([name]) => name.startsWith(prefix));
    return Object.fromEntries(chosen.map(([name, tensor]) => [name.slice(prefix.length), fromOfficial(name, tensor)]));
  }

  /** Images stored as float32 or as bytes of 1/255. */
  images(name: string): HostArray | undefined {
    const tensor = this.tensors[name];
    if (tensor?.dtype !== 'U8') return tensor && channelsLast(tensor);
    return batch(tensor, { dtype: 'U8', shape: [0], bytes: new Uint8Array() }).images;
  }

  matrix(name: string): Float32Array {
    return floatsOf(name, this.tensors[name] as RawTensor);
  }

  scalar(name: string): number {
    return this.scalars.scalars[name] as number;
  }

  /** Names of what is there under a prefix, whole tensors and probes. */
  names(prefix: string): string[] {
    const all = [...Object.keys(this.tensors), ...Object.keys(this.scalars.probes)];
    return all.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  }

  /** Relative l2 distances of tensors from what the goldens have under prefix + name: whole tensors, or probes of them. */
  distances(prefix: string, found: Weights): Record<string, number> {
    return Object.fromEntries(
      Object.entries(found).map(([name, array]) => {
        const tensor = this.tensors[prefix + name];
        const official = floatsOf(name, toOfficial(array));
        if (tensor) return [name, distance(official, floatsOf(name, tensor))];
        return [name, probeDistance(official, this.scalars.probes[prefix + name] as Probe)];
      }),
    );
  }
}

/** ||found - expected|| / ||expected||. */
export function distance(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) throw new Error(`${found.length} values are compared with ${expected.length}.`);
  let difference = 0;
  let size = 0;
  for (let index = 0; index < expected.length; index++) {
    difference += ((found[index] as number) - (expected[index] as number)) ** 2;
    size += (expected[index] as number) ** 2;
  }
  return Math.sqrt(difference / size);
}

/** The larger of the relative errors of the norm and of the probed values, these against the tensor's root mean square. */
export function probeDistance(found: ArrayLike<number>, probe: Probe): number {
  if (found.length !== probe.count) throw new Error(`${found.length} values are compared with a probe of ${probe.count}.`);
  const norm = Math.hypot(...Array.from(found));
  const difference = Math.hypot(...probe.at.map((index, position) => (found[index] as number) - (probe.values[position] as number)));
  const expected = probe.l2 * Math.sqrt(probe.at.length / probe.count);
  return Math.max(Math.abs(norm - probe.l2) / probe.l2, difference / expected);
}
