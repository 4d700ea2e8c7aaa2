/** tfjs kernels that reduce along axes, and matrix products. */
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../../../errors.ts';
import { typeOf, type Value } from '../program.ts';
import { traceKernel } from '../tracer.ts';

type One = [Value];
const indices = typeOf({ type: 'int32' }, 'Tidx');

for (const operator of ['Sum', 'Mean', 'Max', 'Min'])
  traceKernel(operator, ['x'], (program, inputs, attributes) => {
    const [x] = inputs as One;
    const given = (attributes.reductionIndices ?? attributes.axis) as number | number[];
    const axes = tf.util.parseAxisParam(given, [...x.shape]);
    const kept = attributes.keepDims === true;
    const shape = x.shape.flatMap((length, axis) => (axes.includes(axis) ? (kept ? [1] : []) : [length]));
    const options = { ...typeOf(x), ...indices, keep_dims: { bool: kept } };
    return program.add(operator, [x, program.integers(axes)], { shape, type: x.type }, options);
  });

traceKernel('ArgMax', ['x'], (program, inputs, { axis }) => {
  const [x] = inputs as One;
  const at = tf.util.parseAxisParam(axis as number, [...x.shape])[0] as number;
  const shape = x.shape.filter((_, index) => index !== at);
  const options = { ...typeOf(x), ...indices, ...typeOf({ type: 'int32' }, 'output_type') };
  return program.add('ArgMax', [x, program.scalar(at, 'int32')], { shape, type: 'int32' }, options);
});

for (const operator of ['Softmax', 'LogSoftmax'])
  traceKernel(operator, ['logits'], (program, inputs, { dim, axis }) => {
    const [logits] = inputs as One;
    const at = tf.util.parseAxisParam((dim ?? axis ?? -1) as number, [...logits.shape])[0];
    if (at !== logits.shape.length - 1) throw new EngineError(`${operator} along axis ${at} is not known; only the last axis is.`);
    return program.add(operator, [logits], logits, typeOf(logits));
  });

traceKernel('BatchMatMul', ['a', 'b'], (program, inputs, { transposeA, transposeB }) => {
  const [a, b] = inputs as [Value, Value];
  const matrix = [a.shape.at(transposeA ? -1 : -2) as number, b.shape.at(transposeB ? -2 : -1) as number];
  const stack = tf.backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const names = stack.length === 0 ? ['MatMul', 'transpose_a', 'transpose_b'] : ['BatchMatMulV2', 'adj_x', 'adj_y'];
  const [operator, ofA, ofB] = names as [string, string, string];
  const options = { ...typeOf(a), [ofA]: { bool: transposeA === true }, [ofB]: { bool: transposeB === true } };
  return program.add(operator, [a, b], { shape: [...stack, ...matrix], type: a.type }, options);
});
