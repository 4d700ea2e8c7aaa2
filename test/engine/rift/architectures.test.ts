import { describeRift } from './architectures.ts';

const layers = [
  { type: 'conv', filters: 8, kernel: 4, stride: 2, padding: 1 },
  { type: 'batchNorm' },
  { type: 'relu' },
  { type: 'residual', layers: [{ type: 'conv', filters: 8, padding: 1 }, { type: 'silu' }] },
  { type: 'averagePool' },
  { type: 'flatten' },
  { type: 'linear' },
];

describeRift(
  [
    [{ architecture: 'SEQUENTIAL', architectureOptions: { layers } }, 48],
    [{ architecture: 'VIT', architectureOptions: { patch: 8, dim: 32, depth: 2, heads: 2, mlpRatio: 2 } }, 48],
  ],
  ['conv1', 'layer2.1.conv2', 'layer3.2.conv2', 'linear'],
);
