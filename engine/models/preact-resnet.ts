/** Pre-activation ResNets (He et al., 2016) in their CIFAR form, in the names of published files. */
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
  type ShortcutInput,
} from './pre-activation.ts';

interface Layout extends PreActivationLayout, Pick<PreActivationStyle, 'shortcutKernel' | 'shortcutOf'> {
  /** Prefix of a stage, which counts from 0. */
  stage(index: number): string;
}

export const preactLayouts = {
  /** The usual PyTorch code, which RobustBench took over. */
  PYTORCH: {
    stem: 'conv1',
    stage: (index) => `layer${index + 1}`,
    normalisations: ['bn1', 'bn2'],
    convolutions: ['conv1', 'conv2'],
    shortcut: 'shortcut.0',
    shortcutKernel: 1,
    shortcutOf: 'ACTIVATED',
    lastNormalisation: 'bn',
    head: 'linear',
    padding: 'EVEN',
  },
  /** Code of Rebuffi et al. (2021). */
  DEEPMIND: {
    stem: 'conv_2d',
    stage: (index) => `layer_${index}`,
    normalisations: ['batchnorm_0', 'batchnorm_1'],
    convolutions: ['conv_2d_1', 'conv_2d_2'],
    shortcut: 'shortcut',
    shortcutKernel: 3,
    shortcutOf: 'RAW',
    lastNormalisation: 'batchnorm',
    head: 'logits',
    padding: 'END',
  },
} satisfies Record<string, Layout>;

export interface PreactOptions {
  layout: keyof typeof preactLayouts;
  activation: ActivationName;
  /** Whether the last maps are normalised and activated before they are averaged. */
  finalNormalisation: boolean;
  /** By its layout when absent. */
  shortcutOf?: ShortcutInput | undefined;
}

/**
 * A pre-activation ResNet of four stages, 64 to 512 channels.
 * @param blocks blocks of each stage
 */
export function preactResnet(architecture: string, input: Input, blocks: number[], options: PreactOptions): Network {
  const { activation, finalNormalisation } = options;
  const layout: Layout = preactLayouts[options.layout];
  const { shortcutKernel, shortcutOf } = layout;
  const style: PreActivationStyle = { layout, activation, kernel, shortcutKernel, shortcutOf: options.shortcutOf ?? shortcutOf };
  const stages = blocks.flatMap((count, stage) =>
    Array.from({ length: count }, (_, index) => {
      const outputs = 64 * 2 ** stage;
      const inputs = index > 0 || stage === 0 ? outputs : outputs / 2;
      return preActivationBlock(style, `${layout.stage(stage)}.${index}`, inputs, outputs, index === 0 && stage > 0 ? 2 : 1);
    }),
  );
  const last = preActivationHead(style, 64 * 2 ** (blocks.length - 1), input.classes, { normalised: finalNormalisation });
  const all = [preActivationStem(style, input, 64), ...stages, last];
  return { architecture, inputShape: input.shape, classes: input.classes, blocks: all };
}
