/** Batch normalisation with the statistics of the batch, and its gradient. */
import { fusedNormalisation, fusedNormalisationGradient } from '../../../ops/fused-normalisation.ts';
import type { Attributes, Value } from '../program.ts';
import { type KernelAttributes, traceKernelOfMany } from '../tracer.ts';

const options = ({ epsilon }: KernelAttributes): Attributes => ({
  T: { type: 'float32' },
  U: { type: 'float32' },
  epsilon: { float: epsilon as number },
  is_training: { bool: true },
});

traceKernelOfMany(fusedNormalisation, ['x', 'scale', 'offset'], (program, inputs, attributes) => {
  const [x, scale] = inputs as [Value, Value];
  const unused = program.literal([], [0], 'float32');
  return program.addOfMany('FusedBatchNormV3', [...inputs, unused, unused], [x, scale, scale, scale, scale, scale], options(attributes));
});
traceKernelOfMany(fusedNormalisationGradient, ['dy', 'x', 'scale', 'first', 'second', 'third'], (program, inputs, attributes) => {
  const [dy, , scale] = inputs as [Value, Value, Value];
  const empty = { shape: [0], type: 'float32' as const };
  return program.addOfMany('FusedBatchNormGradV3', inputs, [dy, scale, scale, empty, empty], options(attributes));
});
