/** Networks of published sizes. */
import { describeRift } from './architectures.ts';

describeRift([
  [{ architecture: 'RESNET_CIFAR', architectureOptions: { depth: 20 } }, 32, ['conv1', 'layer2.0.conv1', 'layer3.2.conv2', 'linear']],
  [{ architecture: 'PREACT_RESNET18' }, 8, ['layer4.0.shortcut.0', 'layer4.1.conv2', 'linear']],
]);
