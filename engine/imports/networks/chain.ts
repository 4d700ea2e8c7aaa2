/**
 * Small networks that are one chain of convolutions and linear layers, with or without batch normalisation, as torch.nn.Sequential
 * numbers them or by names. Strides, padding and pooling are no weights: they are solved for from what the first linear layer takes in.
 */
import type { Input } from '../../models/input.ts';
import type { Candidate, Family, StateDictAbout, Wish } from '../family.ts';
import { candidateOf, isWanted } from './candidate.ts';
import { type ConvolutionAbout, type Geometry, geometries, type Open, type Solved } from './geometry.ts';
import { inOrder } from './order.ts';

type LayerJson = Record<string, unknown>;

interface Module {
  name: string;
  kind: 'conv' | 'linear' | 'batchNorm';
  shape: readonly number[];
  biased: boolean;
}

/** Names of blocks within blocks are not those of a chain; a part that all names begin with is left to the view without it. */
function isFlat(names: readonly string[]): boolean {
  const firsts = new Set(names.map((name) => name.split('.')[0]));
  return names.every((name) => name.split('.').length <= 2) && (firsts.size > 1 || names.every((name) => !name.includes('.')));
}

/** The modules in the order in which they compute; undefined where an entry belongs to none of the three kinds. */
function modulesOf(tensors: StateDictAbout): Module[] | undefined {
  const modules = new Map<string, Module>();
  for (const entry of tensors.keys()) {
    const dot = entry.lastIndexOf('.');
    const [name, part] = [entry.slice(0, Math.max(dot, 0)), entry.slice(dot + 1)];
    if (dot < 1 || !['weight', 'bias', 'running_mean', 'running_var'].includes(part)) return undefined;
    const { shape } = tensors.get(`${name}.weight`) ?? {};
    const kind = { 1: 'batchNorm', 2: 'linear', 4: 'conv' }[shape?.length ?? 0] as Module['kind'] | undefined;
    if (!shape || !kind) return undefined;
    modules.set(name, { name, kind, shape, biased: tensors.has(`${name}.bias`) });
  }
  const found = [...modules.values()];
  if (!isFlat(found.map(({ name }) => name))) return undefined;
  const isChain = found.every(({ kind, name }) => kind !== 'batchNorm' || tensors.has(`${name}.running_mean`));
  if (!isChain || found.length === 0) return undefined;
  const names = [...tensors.keys()];
  const isAlphabetic = names.every((name, index) => index === 0 || (names[index - 1] as string) <= name);
  return isAlphabetic ? inOrder(found) : found;
}

/** Position in a torch.nn.Sequential, and which one; undefined for a name of another kind. */
function positionOf(name: string): { list: string; index: number } | undefined {
  const [, list = '', index] = /^(.*\.)?(\d+)$/.exec(name) ?? [];
  return index === undefined ? undefined : { list, index: Number(index) };
}

/** How many layers without weights are between two modules; undefined where their names do not say. */
function gapBetween(before: Module | undefined, after: Module): number | undefined {
  const [one, other] = [before && positionOf(before.name), positionOf(after.name)];
  if (!before && other) return other.index;
  return one && other && one.list === other.list ? other.index - one.index - 1 : undefined;
}

/** Whether pooling may be, must be or cannot be behind a convolution, by the gap up to the next module that is no normalisation. */
function poolingAfter(modules: readonly Module[], index: number): ConvolutionAbout['pooling'] {
  const normalised = modules[index + 1]?.kind === 'batchNorm' ? 1 : 0;
  const next = modules[index + 1 + normalised];
  if (!next) return 'NONE';
  const gap = gapBetween(modules[index + normalised], next);
  if (gap === undefined) return 'ANY';
  return gap >= (next.kind === 'linear' ? 3 : 2) ? 'LIKELY' : 'NONE';
}

const named = (layers: readonly LayerJson[], { name }: Module) => (String(layers.length) === name ? {} : { name });

function layersOf(modules: readonly Module[], solved: readonly Geometry[], reduction: 'flatten' | 'globalAveragePool'): LayerJson[] {
  const layers: LayerJson[] = [];
  let convolution = 0;
  for (const [index, module] of modules.entries()) {
    const [outputs, , kernel] = module.shape;
    const next = modules[index + 1];
    const previous = modules[index - 1];
    if (module.kind === 'linear' && previous?.kind !== 'linear' && previous?.kind !== 'batchNorm') layers.push({ type: reduction });
    if (module.kind === 'conv') {
      const { stride, padding } = solved[convolution] as Geometry;
      layers.push({ type: 'conv', ...named(layers, module), filters: outputs, kernel, stride, padding, bias: module.biased });
    } else if (module.kind === 'linear') layers.push({ type: 'linear', ...named(layers, module), outputs, bias: module.biased });
    else layers.push({ type: 'batchNorm', ...named(layers, module) });
    if (isActivated(previous, module, next)) layers.push({ type: 'relu' });
    if (module.kind === 'conv' && next?.kind !== 'batchNorm') pool(layers, solved[convolution++] as Geometry);
    if (module.kind === 'batchNorm' && previous?.kind === 'conv') pool(layers, solved[convolution++] as Geometry);
    if (module.kind === 'batchNorm' && next?.kind === 'linear' && previous?.kind === 'conv') layers.push({ type: reduction });
  }
  return layers;
}

/** Whether a relu is behind a module: not where its numbers leave no room for one, nor before anything was computed. */
function isActivated(previous: Module | undefined, module: Module, next: Module | undefined): boolean {
  if (next === undefined || (module.kind === 'batchNorm' && previous === undefined)) return false;
  const gap = gapBetween(module, next);
  if (next.kind === 'batchNorm') return gap === 1;
  const wasActivated = module.kind === 'batchNorm' && previous !== undefined && gapBetween(previous, module) === 1;
  return gap !== 0 && !wasActivated;
}

function pool(layers: LayerJson[], { pooled }: Geometry): void {
  if (pooled) layers.push({ type: 'maxPool', size: 2 });
}

const worded = (solved: readonly Geometry[]) =>
  solved.map(({ stride, padding, pooled }) => `stride ${stride}, padding ${padding}${pooled ? ', pooled' : ''}`).join(' | ');

const reasons: Record<Open, (likely: readonly Geometry[][]) => string> = {
  SEVERAL: (likely) => `Names and shapes do not say how its convolutions move: ${likely.slice(0, 3).map(worded).join('; or ')}.`,
  MEAN: () => 'Its linear layer takes in the mean over maps of any size, which does not show how its convolutions move.',
};

/** TRADES' network for digits, of any width: two convolutions without padding and a pooling, twice. */
const smallCnn: Solved = {
  best: [false, true, false, true].map((pooled) => ({ stride: 1, padding: 0, pooled })),
  ...{ likely: [], open: undefined, reduction: 'flatten' },
};
const smallCnnNames = ['conv1', 'conv2', 'conv3', 'conv4'].map((name) => `feature_extractor.${name}`);
const isSmallCnn = (modules: readonly Module[]) =>
  modules
    .filter(({ kind }) => kind !== 'linear')
    .map(({ name }) => name)
    .join() === smallCnnNames.join();

function candidatesOf(modules: Module[], input: Input, wish: Wish): Candidate[] {
  const convolutions = modules.flatMap((module, index): ConvolutionAbout[] =>
    module.kind === 'conv'
      ? [
          {
            kernel: module.shape[2] as number,
            pooling: poolingAfter(modules, index),
            widens: index > 0 && (module.shape[0] as number) > (module.shape[1] as number),
            framed: index === 0 && gapBetween(undefined, module) === 1,
          },
        ]
      : [],
  );
  const firstLinear = modules.find(({ kind }) => kind === 'linear');
  const channels = modules.filter(({ kind }) => kind === 'conv').at(-1)?.shape[0] ?? input.shape[2];
  if (!firstLinear) return [];
  const inputs = firstLinear.shape[1] as number;
  const { best, likely, open, reduction } = isSmallCnn(modules) ? smallCnn : geometries(convolutions, input.shape, inputs / channels);
  return candidateOf(
    {
      architecture: 'SEQUENTIAL',
      architectureOptions: { layers: layersOf(modules, best, reduction) },
      assumed: ['relu between the layers', ...(best.length > 0 ? [`convolutions that move as usual: ${worded(best)}`] : [])],
      undecided:
        open && `${reasons[open](likely)} Give the architecture SEQUENTIAL with its layers; their stride, padding and pooling decide.`,
    },
    input,
    wish,
  );
}

export const chains: Family = {
  candidates(tensors, input, wish) {
    if (!isWanted(wish, 'SEQUENTIAL') || wish.architectureOptions?.layers !== undefined) return [];
    const modules = modulesOf(tensors);
    return modules ? candidatesOf(modules, input, wish) : [];
  },
};
