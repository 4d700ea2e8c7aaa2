/** Networks of published sizes, and a small one of the layout and activation of others. */
import { describeRift } from './architectures.ts';

describeRift([
  [{ architecture: 'WIDE_RESNET', architectureOptions: { depth: 10, widenFactor: 1, layout: 'DEEPMIND', activation: 'silu' } }, 16],
  [{ architecture: 'RESNET_CIFAR', architectureOptions: { depth: 20 } }, 32, ['conv1', 'layer2.0.conv1', 'layer3.2.conv2', 'linear']],
  [{ architecture: 'PREACT_RESNET18' }, 8, ['layer4.0.shortcut.0', 'layer4.1.conv2', 'linear']],
]);
