/** The layers that SEQUENTIAL is described with, in JSON. Names and meanings are those of torch.nn where it has them. */
import { z } from 'zod';
import { activationNames } from '../../ops/activation.ts';

const size = (most: number, description: string) => z.int().min(1).max(most).describe(description);
const name = z
  .string()
  .max(200)
  .regex(/^\w+(\.\w+)*$/, 'A name consists of letters, digits and _, with dots between its parts.')
  .optional()
  .describe('Prefix of the names of its weights; its position, as in torch.nn.Sequential, when absent.');
const bias = z.boolean().default(true).describe('Whether it adds a number of its own to every output.');
const stride = (fallback: string) => size(64, `Pixels between two positions${fallback}.`);
const padding = z.int().min(0).max(64);

const convolution = z.strictObject({
  type: z.literal('conv'),
  name,
  filters: size(65_536, 'Channels that come out.'),
  kernel: size(64, 'Side of the kernel.').default(3),
  stride: stride('').default(1),
  padding: z
    .union([padding, z.tuple([padding, padding, padding, padding])])
    .default(0)
    .describe('Zeros on each side, or at the left, right, top and bottom, as in torch.nn.ZeroPad2d.'),
  bias,
});
const linear = z.strictObject({
  type: z.literal('linear'),
  name,
  outputs: size(1_000_000, 'Numbers that come out; as many as the dataset has classes when absent.').optional(),
  bias,
});
const batchNormalisation = z.strictObject({ type: z.literal('batchNorm'), name });
const activation = z.strictObject({ type: z.enum(activationNames) });
const leakyRelu = z.strictObject({ type: z.literal('leakyRelu'), slope: z.number().min(0).max(1).default(0.01) });
const pooling = z.strictObject({
  type: z.enum(['maxPool', 'averagePool']),
  size: size(64, 'Side of a window.').default(2),
  stride: stride('; the side of a window when absent').optional(),
  padding: padding.default(0),
});
const shapeless = z.strictObject({ type: z.enum(['globalAveragePool', 'flatten']) });

const simple = [convolution, linear, batchNormalisation, activation, leakyRelu, pooling, shapeless] as const;
type SimpleLayer = z.output<(typeof simple)[number]>;

/** layers(x) + shortcut(x). */
export interface Residual {
  type: 'residual';
  name?: string | undefined;
  layers: Layer[];
  shortcut: Layer[];
}
export type Layer = SimpleLayer | Residual;

/** Lists of layers within lists: as deep as anybody needs, and no deeper. */
const deepest = 4;

function listOfLayers(depth: number, least: number): z.ZodType<Layer[]> {
  if (depth === 0)
    return z
      .array(z.discriminatedUnion('type', [...simple]))
      .min(least)
      .max(1000) as unknown as z.ZodType<Layer[]>;
  const residual = z.strictObject({
    type: z.literal('residual'),
    name,
    layers: listOfLayers(depth - 1, 1).describe('What is added to the shortcut.'),
    shortcut: listOfLayers(depth - 1, 0)
      .prefault([])
      .describe('What the input passes through beside them; nothing when absent.'),
  });
  return z
    .array(z.discriminatedUnion('type', [...simple, residual]))
    .min(least)
    .max(1000) as unknown as z.ZodType<Layer[]>;
}

export const sequentialOptions = z.strictObject({
  layers: listOfLayers(deepest, 1).describe('The layers from the image to the logits.'),
});
export type SequentialOptions = z.output<typeof sequentialOptions>;

/** How many layers of a type there are, also inside others. */
export const countLayers = (layers: readonly Layer[], type: Layer['type']): number =>
  layers.reduce((sum, layer) => {
    const inner = layer.type === 'residual' ? countLayers(layer.layers, type) + countLayers(layer.shortcut, type) : 0;
    return sum + inner + (layer.type === type ? 1 : 0);
  }, 0);
