/** Wide residual networks (Zagoruyko and Komodakis, 2016) of pre-activation blocks, without dropout, in the names of published files. */
import type { ActivationName } from '../ops/activation.ts';
import type { Input } from './input.ts';
import type { Network } from './network.ts';
import { kernel } from './parameters.ts';
import {
  type PreActivationLayout,
  type PreActivationStyle,
  preActivationBlock,
  preActivationHead,
  preActivationStem,
} from './pre-activation.ts';

interface Layout extends PreActivationLayout {
  /** Prefix of a block; both count from 0. */
  block(stage: number, index: number): string;
  /** Whether the class has a second first stage that it never uses. */
  hasUnusedStage: boolean;
}

export const wideLayouts = {
  /** TRADES' code, which RobustBench and the official RiFT code took over. */
  TRADES: {
    stem: 'conv1',
    block: (stage, index) => `block${stage + 1}.layer.${index}`,
    normalisations: ['bn1', 'bn2'],
    convolutions: ['conv1', 'conv2'],
    shortcut: 'convShortcut',
    lastNormalisation: 'bn1',
    head: 'fc',
    padding: 'EVEN',
    hasUnusedStage: true,
  },
  /** Code of Gowal et al. (2020) and Rebuffi et al. (2021). */
  DEEPMIND: {
    stem: 'init_conv',
    block: (stage, index) => `layer.${stage}.block.${index}`,
    normalisations: ['batchnorm_0', 'batchnorm_1'],
    convolutions: ['conv_0', 'conv_1'],
    shortcut: 'shortcut',
    lastNormalisation: 'batchnorm',
    head: 'logits',
    padding: 'END',
    hasUnusedStage: false,
  },
} satisfies Record<string, Layout>;
export type WideLayout = keyof typeof wideLayouts;

/** A kernel with the initialisation of the official code: normal, variance 2 / (kernel area x filters). */
function wideKernel(module: string, size: number, inputs: number, filters: number) {
  return kernel(module, size, inputs, filters, { normal: Math.sqrt(2 / (size * size * filters)) });
}

export interface WideOptions {
  /** Number of convolutions, 6 n + 4. */
  depth: number;
  /** Factor on the channels 16, 32, 64. */
  widenFactor: number;
  /** TRADES when absent. */
  layout?: WideLayout;
  /** relu when absent. */
  activation?: ActivationName;
}

/** A wide residual network of three stages. */
export function wideResnet(architecture: string, input: Input, options: WideOptions): Network {
  const { depth, widenFactor, layout: name = 'TRADES', activation = 'relu' } = options;
  const layout: Layout = wideLayouts[name];
  const style: PreActivationStyle = { layout, activation, kernel: wideKernel, shortcutKernel: 1, shortcutOf: 'ACTIVATED' };
  const widths = [16, 16 * widenFactor, 32 * widenFactor, 64 * widenFactor] as const;
  const stage = (index: 0 | 1 | 2, prefix = '') =>
    Array.from({ length: (depth - 4) / 6 }, (_, block) => {
      const [inputs, outputs] = [widths[block === 0 ? index : index + 1] as number, widths[index + 1] as number];
      return preActivationBlock(style, prefix + layout.block(index, block), inputs, outputs, block === 0 && index > 0 ? 2 : 1);
    });
  const head = preActivationHead(style, widths[3], input.classes, { normalised: true, bias: { constant: 0 } });
  const blocks = [preActivationStem(style, input, widths[0]), ...stage(0), ...stage(1), ...stage(2), head];
  const network = { architecture, inputShape: input.shape, classes: input.classes, blocks };
  if (!layout.hasUnusedStage) return network;
  return { ...network, unused: { prefix: 'sub_block1.', parameters: stage(0, 'sub_').flatMap(({ parameters }) => parameters) } };
}
