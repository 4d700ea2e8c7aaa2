/**
 * ResNets of any width and number of blocks, with or without batch normalisation, with basic or bottleneck blocks, as networks
 * described layer by layer: `conv1`, `layer2.0.conv1`, `layer2.0.shortcut.0`, `linear`. Among them alpha-beta-CROWN's, whose stem has
 * stride 2: their first stage begins with a shortcut that has weights, which no ResNet after He et al. has.
 */
import type { Input } from '../../models/input.ts';
import type { Family, StateDictAbout } from '../family.ts';
import { candidateOf, countOf, isWanted, shapeAt } from './candidate.ts';

type LayerJson = Record<string, unknown>;

const relu: LayerJson = { type: 'relu' };
const depthOptions = [20, 32, 44, 56, 110];

/** Zeros on each side of a convolution of this kernel, first and second of its block. */
const paddings: Record<number, readonly [number, number]> = { 1: [0, 0], 2: [1, 0], 3: [1, 1] };

function convolution(tensors: StateDictAbout, module: string, name: string | undefined, stride: number, place: 0 | 1): LayerJson {
  const [filters = 0, , kernel = 0] = shapeAt(tensors, `${module}.weight`);
  return {
    type: 'conv',
    ...(name && { name }),
    filters,
    kernel,
    stride,
    padding: paddings[kernel]?.[place] ?? Math.floor(kernel / 2),
    bias: tensors.has(`${module}.bias`),
  };
}

const normalisation = (tensors: StateDictAbout, module: string, name?: string): LayerJson[] =>
  tensors.has(`${module}.running_mean`) ? [{ type: 'batchNorm', ...(name && { name }) }] : [];

/** `shortcut` as most code has it, or torchvision's `downsample`. */
const shortcutOf = (tensors: StateDictAbout, block: string) =>
  ['shortcut', 'downsample'].find((name) => tensors.has(`${block}.${name}.0.weight`));

function blockLayers(tensors: StateDictAbout, block: string, stride: number): LayerJson[] {
  const convolutions = countOf(tensors, (index) => `${block}.conv${index + 1}.weight`);
  const strided = convolutions === 3 ? 1 : 0;
  const body = Array.from({ length: convolutions }, (_, index): LayerJson[] => [
    ...(index > 0 ? [relu] : []),
    convolution(tensors, `${block}.conv${index + 1}`, `conv${index + 1}`, index === strided ? stride : 1, index === 0 ? 0 : 1),
    ...normalisation(tensors, `${block}.bn${index + 1}`, `bn${index + 1}`),
  ]).flat();
  const shortcut = shortcutOf(tensors, block);
  const beside = shortcut && [
    { ...convolution(tensors, `${block}.${shortcut}.0`, undefined, stride, 0), padding: 0 },
    ...normalisation(tensors, `${block}.${shortcut}.1`),
  ];
  return [{ type: 'residual', name: block, layers: body, ...(beside && { shortcut: beside }) }, relu];
}

/** What is between the maps and the first linear layer, by how many numbers that takes in. */
function reduction(inputs: number, channels: number, side: number): LayerJson[] {
  if (inputs === channels) return [{ type: 'globalAveragePool' }];
  const pooled = Math.floor(side / 4);
  if (pooled > 0 && inputs === channels * pooled * pooled) return [{ type: 'averagePool', size: 4 }, { type: 'flatten' }];
  return [{ type: 'flatten' }];
}

const linearNames = (tensors: StateDictAbout) =>
  [...tensors].flatMap(([name, { shape }]) =>
    /^[^.]+\.weight$/.test(name) && shape.length === 2 ? [name.slice(0, -'.weight'.length)] : [],
  );

/** As torchvision's networks for large images have it, which go on with a 3 x 3 maximum. */
const hasLargeStem = (tensors: StateDictAbout) => shapeAt(tensors, 'conv1.weight')[2] === 7;
const stemPooling: LayerJson = { type: 'maxPool', size: 3, stride: 2, padding: 1 };

const hasStridedStem = (tensors: StateDictAbout) =>
  !hasLargeStem(tensors) && shortcutOf(tensors, 'layer1.0') !== undefined && !tensors.has('layer1.0.conv3.weight');

/** What names and shapes do not say. */
function assumedOf(tensors: StateDictAbout): string[] {
  if (hasLargeStem(tensors)) return ['a first convolution of stride 2 and a 3 x 3 maximum of stride 2 behind it, as in torchvision'];
  const hasDownsample = shortcutOf(tensors, 'layer2.0') === 'downsample';
  return hasDownsample ? ['no pooling behind the first convolution, as networks for small images have none'] : [];
}

const stagesOf = (tensors: StateDictAbout) => countOf(tensors, (stage) => `layer${stage + 1}.0.conv1.weight`);

/** Strides of the first convolution and the first block, the likeliest first; what the first linear layer takes in tells them apart. */
type Strides = readonly [stem: 1 | 2, block: 1 | 2];
const stridesOf = (tensors: StateDictAbout): Strides[] => {
  if (hasLargeStem(tensors)) return [[2, 1]];
  return hasStridedStem(tensors)
    ? [
        [2, 2],
        [1, 2],
        [1, 1],
      ]
    : [[1, 1]];
};

function layersOf(tensors: StateDictAbout, input: Input, [stemStride, firstStride]: Strides): LayerJson[] {
  const stages = stagesOf(tensors);
  const isLarge = hasLargeStem(tensors);
  const stem = convolution(tensors, 'conv1', 'conv1', stemStride, 0);
  const layers = [stem, ...normalisation(tensors, 'bn1', 'bn1'), relu, ...(isLarge ? [stemPooling] : [])];
  let side = Math.ceil(input.shape[0] / (isLarge ? 4 : stemStride));
  let channels = 0;
  for (let stage = 0; stage < stages; stage++) {
    const blocks = countOf(tensors, (block) => `layer${stage + 1}.${block}.conv1.weight`);
    for (let block = 0; block < blocks; block++) {
      const name = `layer${stage + 1}.${block}`;
      const stride = block > 0 || !shortcutOf(tensors, name) ? 1 : stage > 0 ? 2 : firstStride;
      layers.push(...blockLayers(tensors, name, stride));
      side = Math.ceil(side / stride);
      const last = countOf(tensors, (index) => `${name}.conv${index + 1}.weight`);
      channels = shapeAt(tensors, `${name}.conv${last}.weight`)[0] ?? 0;
    }
  }
  const linears = linearNames(tensors);
  const [, inputs = 0] = shapeAt(tensors, `${linears[0]}.weight`);
  const heads = linears.flatMap((name, index): LayerJson[] => [
    ...(index > 0 ? [relu] : []),
    { type: 'linear', name, outputs: shapeAt(tensors, `${name}.weight`)[0], bias: tensors.has(`${name}.bias`) },
  ]);
  return [...layers, ...reduction(inputs, channels, side), ...heads];
}

/** Shortcuts without weights where the width changes: option A. */
const hasOptionA = (tensors: StateDictAbout) =>
  shapeAt(tensors, 'layer2.0.conv1.weight')[0] !== shapeAt(tensors, 'layer2.0.conv1.weight')[1] && !shortcutOf(tensors, 'layer2.0');

/** A mean takes maps of any size, and networks of three and more stages begin with either stride. */
function undecidedOf(tensors: StateDictAbout, head: string): string | undefined {
  const stages = stagesOf(tensors);
  const [, inputs] = shapeAt(tensors, `${head}.weight`);
  const [channels] = shapeAt(tensors, `layer${stages}.0.conv1.weight`);
  return hasStridedStem(tensors) && stages > 2 && inputs === channels
    ? 'Names and shapes do not say whether its first convolution and its first block have a stride of 1 or 2. Give the architecture SEQUENTIAL with its layers.'
    : undefined;
}

export const basicResnets: Family = {
  candidates(tensors, input, wish) {
    const convolutions = ['conv1.weight', 'layer1.0.conv1.weight', 'layer1.0.conv2.weight'];
    if (!convolutions.every((name) => shapeAt(tensors, name).length === 4)) return [];
    if (tensors.has('layer1.0.bn1.weight') && tensors.has('conv1.weight') && !tensors.has('bn1.weight')) return [];
    const [head = 'linear'] = linearNames(tensors);
    const withShortcut = (entry: string) => {
      const [block = ''] = /^layer\d+\.\d+/.exec(entry) ?? [];
      return shortcutOf(tensors, block) === 'downsample' ? entry.replace('.shortcut.', '.downsample.') : entry;
    };
    const withHead = (entry: string) => withShortcut(entry).replace(/^linear\./, `${head}.`);
    const assumed = assumedOf(tensors);
    const usual = (['RESNET18', 'RESNET34'] as const).flatMap((architecture) =>
      candidateOf({ architecture, architectureOptions: {}, nameInFile: withHead, assumed }, input, wish),
    );
    if (hasOptionA(tensors)) {
      const depth = 6 * countOf(tensors, (block) => `layer1.${block}.conv1.weight`) + 2;
      const nearest = depthOptions.includes(depth) ? depth : 20;
      return candidateOf({ architecture: 'RESNET_CIFAR', architectureOptions: { depth: nearest }, nameInFile: withHead }, input, wish);
    }
    if (!isWanted(wish, 'SEQUENTIAL') || wish.architectureOptions?.layers !== undefined) return usual;
    const undecided = undecidedOf(tensors, head);
    const described = stridesOf(tensors).flatMap((strides) => {
      const architectureOptions = { layers: layersOf(tensors, input, strides) };
      const moves = hasStridedStem(tensors) ? [`stride ${strides[0]} in the first convolution and ${strides[1]} in the first block`] : [];
      const about = { nameInFile: withShortcut, assumed: [...assumed, ...moves], undecided };
      return candidateOf({ architecture: 'SEQUENTIAL', architectureOptions, ...about }, input, wish);
    });
    return [...usual, ...described];
  },
};
