/** The architectures by name. */
import { z } from 'zod';
import { EngineError } from '../errors.ts';
import { issueInWords } from '../issue.ts';
import { activationNames } from '../ops/activation.ts';
import type { Input } from './input.ts';
import { parameterCount } from './modules.ts';
import type { Network } from './network.ts';
import { OptionsError } from './options-error.ts';
import { shortcutInputs } from './pre-activation.ts';
import { preactLayouts, preactResnet } from './preact-resnet.ts';
import { resnet } from './resnet.ts';
import { countLayers, sequentialOptions } from './sequential/layer-options.ts';
import { sequential } from './sequential/sequential.ts';
import { smallCnn } from './small-cnn.ts';
import { vit, vitOptions } from './vit.ts';
import { type WideLayout, wideLayouts, wideResnet } from './wide-resnet.ts';

/** What is chosen of an architecture besides its name: JSON, checked by the architecture. */
export type ArchitectureOptions = Readonly<Record<string, unknown>>;

/** A form of network. Its weights are values of their own. */
export interface Architecture {
  /** As pages write the name. */
  label: string;
  /** As pages write a network of it, where the options say more than the name. options: with defaults filled in. */
  labelOf?(options: ArchitectureOptions): string;
  description: string;
  /** What may be chosen besides the name; other fields are refused. */
  options: z.ZodType;
  /** Options that make a network, where some must be given or may be. */
  example?: ArchitectureOptions;
  /** @param name what messages call the network */
  build(name: string, input: Input, options: ArchitectureOptions): Network;
}

/** Ties an architecture's build to the options that its schema lets through. */
function withOptions<Schema extends z.ZodType>(
  architecture: Omit<Architecture, 'options' | 'labelOf' | 'build'> & {
    options: Schema;
    labelOf?(options: z.output<Schema>): string;
    build(name: string, input: Input, options: z.output<Schema>): Network;
  },
): Architecture {
  return architecture as unknown as Architecture;
}

const none = z.strictObject({});
const wideLayoutNames = Object.keys(wideLayouts) as [WideLayout, ...WideLayout[]];
const preactLayoutNames = Object.keys(preactLayouts) as [keyof typeof preactLayouts];

/** relu goes without saying. */
const activated = (label: string, activation: string) => (activation === 'relu' ? label : `${label} (${activation})`);

const architectures = {
  SMALL_CNN: {
    label: 'Small CNN',
    description: 'A small convolutional network, for MNIST and for trying things out.',
    options: none,
    build: smallCnn,
  },
  RESNET8: {
    label: 'ResNet-8',
    description: 'ResNet of width 16 with one block a stage.',
    options: none,
    build: (name, input) => resnet(name, input, [1, 1, 1], 16),
  },
  RESNET18: {
    label: 'ResNet18',
    description: 'ResNet18 in its CIFAR form: 3×3 stem of 64, no max-pool.',
    options: none,
    build: (name, input) => resnet(name, input, [2, 2, 2, 2], 64),
  },
  RESNET34: {
    label: 'ResNet34',
    description: 'ResNet34 in its CIFAR form.',
    options: none,
    build: (name, input) => resnet(name, input, [3, 4, 6, 3], 64),
  },
  RESNET_CIFAR: withOptions({
    label: 'ResNet-d (CIFAR)',
    labelOf: ({ depth }) => `ResNet-${depth} (CIFAR)`,
    description:
      'ResNet of He et al. for CIFAR: three stages of width 16, 32 and 64, shortcuts without weights (option A). Options: depth.',
    options: z.strictObject({
      depth: z.literal([20, 32, 44, 56, 110]).describe('Weight layers of the network: 20, 32, 44, 56 or 110.'),
    }),
    example: { depth: 20 },
    build: (name, input, { depth }) => resnet(name, input, Array(3).fill((depth - 2) / 6), 16, 'A'),
  }),
  WRN28_10: {
    label: 'WRN28-10',
    description: 'Wide ResNet of depth 28 and width 10.',
    options: none,
    build: (name, input) => wideResnet(name, input, { depth: 28, widenFactor: 10 }),
  },
  WRN34_10: {
    label: 'WRN34-10',
    description: 'Wide ResNet of depth 34 and width 10.',
    options: none,
    build: (name, input) => wideResnet(name, input, { depth: 34, widenFactor: 10 }),
  },
  WIDE_RESNET: withOptions({
    label: 'WRN d-k',
    labelOf: ({ depth, widenFactor, activation }) => activated(`WRN${depth}-${widenFactor}`, activation),
    description:
      "Wide ResNet of any depth and width, in the names of TRADES' code or of DeepMind's. Options: depth (6 n + 4), widenFactor, layout (TRADES or DEEPMIND), activation.",
    options: z.strictObject({
      depth: z
        .int()
        .min(10)
        .max(1000)
        .refine((depth) => depth % 6 === 4, 'A wide ResNet has 6 n + 4 layers: 10, 16, 22, 28, 34 ...')
        .describe('Number of convolutions, 6 n + 4.'),
      widenFactor: z.int().min(1).max(64).describe('Factor on the channels 16, 32 and 64.'),
      layout: z.enum(wideLayoutNames).default('TRADES').describe("Names of TRADES' code, or names and padding of DeepMind's."),
      activation: z.enum(activationNames).default('relu').describe("DeepMind's published networks have silu, all others relu."),
    }),
    example: { depth: 28, widenFactor: 4 },
    build: wideResnet,
  }),
  PREACT_RESNET18: withOptions({
    label: 'PreActResNet18',
    labelOf: ({ activation }) => activated('PreActResNet18', activation),
    description:
      'Pre-activation ResNet18 in its CIFAR form. Options, each with a default: layout (PYTORCH or DEEPMIND), activation, finalNormalisation, shortcutOf (ACTIVATED or RAW).',
    options: z.strictObject({
      layout: z
        .enum(preactLayoutNames)
        .default('PYTORCH')
        .describe("Names of the usual code, or names, padding and 3×3 shortcuts of DeepMind's."),
      activation: z.enum(activationNames).default('relu').describe("DeepMind's published networks have silu, all others relu."),
      finalNormalisation: z
        .boolean()
        .default(true)
        .describe('Whether the last maps are normalised and activated before they are averaged.'),
      shortcutOf: z
        .enum(shortcutInputs)
        .optional()
        .describe(
          'What a shortcut with weights takes in: the input of its block normalised and activated, or as it is; the latter in the layout of DeepMind when absent.',
        ),
    }),
    example: {},
    build: (name, input, options) => preactResnet(name, input, [2, 2, 2, 2], options),
  }),
  VIT: withOptions({
    label: 'ViT',
    labelOf: ({ patch, dim, depth }) => `ViT/${patch} (${depth} × ${dim})`,
    description: 'Vision transformer with a class token. Options: patch, dim, depth, heads, mlpRatio (4).',
    options: vitOptions,
    example: { patch: 4, dim: 192, depth: 6, heads: 3, mlpRatio: 2 },
    build: vit,
  }),
  VIT_TINY: {
    label: 'ViT-Ti/4',
    description: 'Vision transformer of 12 blocks of 192 features and 3 heads, on patches of 4×4.',
    options: none,
    build: (name, input) => vit(name, input, { patch: 4, dim: 192, depth: 12, heads: 3, mlpRatio: 4 }),
  },
  SEQUENTIAL: withOptions({
    label: 'Sequential',
    labelOf: ({ layers }) => `Sequential (${countLayers(layers, 'conv')} conv, ${countLayers(layers, 'linear')} linear)`,
    description:
      'A network described layer by layer. Options: layers, a list of {type: conv, filters, kernel (3), stride (1), padding (0), bias (true)}, {type: linear, outputs (the classes), bias (true)}, {type: batchNorm}, {type: relu, silu, gelu, tanh, sigmoid, softplus or elu}, {type: leakyRelu, slope (0.01)}, {type: maxPool or averagePool, size (2), stride (the size), padding (0)}, {type: globalAveragePool or flatten} and {type: residual, layers, shortcut (none)}. Layers with weights may have a name.',
    options: sequentialOptions,
    example: {
      layers: [
        { type: 'conv', filters: 32, padding: 1 },
        { type: 'batchNorm' },
        { type: 'relu' },
        { type: 'maxPool' },
        { type: 'flatten' },
        { type: 'linear' },
      ],
    },
    build: sequential,
  }),
} satisfies Record<string, Architecture>;

export type ArchitectureName = keyof typeof architectures;
export const architectureNames = Object.keys(architectures) as [ArchitectureName, ...ArchitectureName[]];

export const architectureOf = (name: ArchitectureName): Architecture => architectures[name];

/** A network in words: its architecture with what was chosen of it, or the name as it is where that is none of these. */
export function networkLabel(name: string, options: ArchitectureOptions): string {
  if (!Object.hasOwn(architectures, name)) return name;
  const { label, labelOf, options: schema } = architectureOf(name as ArchitectureName);
  const parsed = schema.safeParse(options);
  return labelOf && parsed.success ? labelOf(parsed.data as ArchitectureOptions) : label;
}

/** More parameters than these do not fit into memory as one array of bytes, several times over. */
const mostParameters = 500_000_000;

/**
 * The options of an architecture with its defaults filled in.
 * Throws EngineError for a name that is none, OptionsError for options that are not of the architecture.
 */
export function checkOptions(name: ArchitectureName, options: ArchitectureOptions): ArchitectureOptions {
  if (!Object.hasOwn(architectures, name))
    throw new EngineError(`There is no architecture ${name}.`, `Known architectures: ${architectureNames.join(', ')}.`);
  const parsed = architectureOf(name).options.safeParse(options);
  if (parsed.success) return parsed.data as ArchitectureOptions;
  throw optionsError(name, parsed.error.issues[0] as z.core.$ZodIssue);
}

/**
 * Checks the options that are given; those that are missing are not.
 * Throws OptionsError for an option that the architecture does not have or take.
 */
export function checkGivenOptions(name: ArchitectureName, options: ArchitectureOptions): void {
  const issues = architectureOf(name).options.safeParse(options).error?.issues ?? [];
  const wrong = issues.find(({ code, path }) => code === 'unrecognized_keys' || Object.hasOwn(options, path[0] ?? ''));
  if (wrong) throw optionsError(name, wrong);
}

function optionsError(name: ArchitectureName, issue: z.core.$ZodIssue): OptionsError {
  const { label, options } = architectureOf(name);
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  const [unknown] = issue.code === 'unrecognized_keys' ? issue.keys : [];
  if (unknown !== undefined && path.length === 0) {
    const known = Object.keys((options as z.ZodObject).shape).join(', ');
    return new OptionsError(`${label} has no option ${unknown}: ${known ? `its options are ${known}` : 'it has none'}.`, [unknown]);
  }
  if (unknown !== undefined) return new OptionsError(`Nothing is called ${unknown} here.`, [...path, unknown]);
  if (issue.code === 'invalid_type' && /received undefined$/.test(issue.message))
    return new OptionsError(`${path.length === 1 ? `${label} needs` : 'This needs'} ${path.at(-1)}.`, path);
  const words = issueInWords(issue);
  return new OptionsError(`${words.charAt(0).toUpperCase()}${words.slice(1)}`, path);
}

/**
 * The network of an architecture for images and classes of a dataset.
 * Throws EngineError for a name that is none, OptionsError for options that make no network.
 */
export function buildNetwork(name: ArchitectureName, options: ArchitectureOptions, input: Input): Network {
  const network = architectureOf(name).build(name, input, checkOptions(name, options));
  const parameters = parameterCount(network);
  if (parameters > mostParameters)
    throw new OptionsError(`The network would have ${parameters} parameters; at most ${mostParameters} are possible.`, []);
  return network;
}
