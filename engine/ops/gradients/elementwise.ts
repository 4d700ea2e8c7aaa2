/** Gradients of kernels that work value by value, with broadcasting. */
import * as tf from '@tensorflow/tfjs-core';
import { gradientOf, reduceTo } from './register.ts';

type Pair = [tf.Tensor, tf.Tensor];
type One = [tf.Tensor];

const both = { inputs: ['a', 'b'] };
const input = { inputs: ['x'] };
const output = { output: true };
const mask = (condition: tf.Tensor) => tf.cast(condition, 'float32');

gradientOf('Add', both, (dy, { inputs }) => {
  const [a, b] = inputs as Pair;
  return { a: () => reduceTo(dy, a.shape), b: () => reduceTo(dy, b.shape) };
});
gradientOf('Sub', both, (dy, { inputs }) => {
  const [a, b] = inputs as Pair;
  return { a: () => reduceTo(dy, a.shape), b: () => tf.neg(reduceTo(dy, b.shape)) };
});
gradientOf('Multiply', both, (dy, { inputs }) => {
  const [a, b] = inputs as Pair;
  return { a: () => reduceTo(tf.mul(dy, b), a.shape), b: () => reduceTo(tf.mul(dy, a), b.shape) };
});
gradientOf('RealDiv', both, (dy, { inputs }) => {
  const [a, b] = inputs as Pair;
  return {
    a: () => reduceTo(tf.div(dy, b), a.shape),
    b: () => tf.neg(reduceTo(tf.div(tf.mul(dy, a), tf.square(b)), b.shape)),
  };
});
gradientOf('SquaredDifference', both, (dy, { inputs }) => {
  const [a, b] = inputs as Pair;
  const slope = () => tf.mul(tf.mul(dy, tf.sub(a, b)), 2);
  return { a: () => reduceTo(slope(), a.shape), b: () => tf.neg(reduceTo(slope(), b.shape)) };
});
gradientOf('Maximum', both, (dy, { inputs }) => {
  const [a, b] = inputs as Pair;
  return {
    a: () => reduceTo(tf.mul(dy, mask(tf.greaterEqual(a, b))), a.shape),
    b: () => reduceTo(tf.mul(dy, mask(tf.less(a, b))), b.shape),
  };
});
gradientOf('Minimum', both, (dy, { inputs }) => {
  const [a, b] = inputs as Pair;
  return {
    a: () => reduceTo(tf.mul(dy, mask(tf.lessEqual(a, b))), a.shape),
    b: () => reduceTo(tf.mul(dy, mask(tf.greater(a, b))), b.shape),
  };
});
gradientOf('Select', { inputs: ['condition'] }, (dy, { inputs }) => {
  const condition = (inputs as One)[0];
  return {
    condition: () => tf.zerosLike(mask(condition)),
    t: () => tf.mul(dy, mask(condition)),
    e: () => tf.mul(dy, mask(tf.logicalNot(condition))),
  };
});

/** Truth values and places carry no gradient. */
for (const kernel of ['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'LogicalAnd', 'LogicalOr'])
  gradientOf(kernel, both, (_dy, { inputs }) => {
    const [a, b] = inputs as Pair;
    return { a: () => tf.zeros(a.shape), b: () => tf.zeros(b.shape) };
  });
for (const kernel of ['LogicalNot', 'ArgMax'])
  gradientOf(kernel, input, (_dy, { inputs }) => ({ x: () => tf.zeros((inputs as One)[0].shape) }));
gradientOf('OneHot', { inputs: ['indices'] }, (_dy, { inputs }) => ({ indices: () => tf.zeros((inputs as One)[0].shape) }));

gradientOf('Identity', {}, (dy) => ({ x: () => dy }));
gradientOf('Cast', {}, (dy) => ({ x: () => dy }));
gradientOf('Neg', {}, (dy) => ({ x: () => tf.neg(dy) }));
gradientOf('Abs', input, (dy, { inputs }) => ({ x: () => tf.mul(dy, tf.sign((inputs as One)[0])) }));
gradientOf('Square', input, (dy, { inputs }) => ({ x: () => tf.mul(dy, tf.mul((inputs as One)[0], 2)) }));
gradientOf('Log', input, (dy, { inputs }) => ({ x: () => tf.div(dy, (inputs as One)[0]) }));
gradientOf('Exp', output, (dy, { outputs }) => ({ x: () => tf.mul(dy, (outputs as One)[0]) }));
gradientOf('Sqrt', output, (dy, { outputs }) => ({ x: () => tf.div(dy, tf.mul((outputs as One)[0], 2)) }));
gradientOf('Rsqrt', output, (dy, { outputs }) => {
  const y = (outputs as One)[0];
  return { x: () => tf.mul(tf.mul(dy, -0.5), tf.mul(y, tf.square(y))) };
});
/** One pass instead of three where the backend has a kernel for it. */
function reluGradient(dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
  if (!tf.getKernel('ReluGrad', tf.getBackend())) return tf.mul(dy, tf.step(y));
  return tf.engine().runKernel('ReluGrad', { dy, y }) as tf.Tensor;
}
gradientOf('Relu', output, (dy, { outputs }) => ({ x: () => reluGradient(dy, (outputs as One)[0]) }));
gradientOf('Sigmoid', output, (dy, { outputs }) => {
  const y = (outputs as One)[0];
  return { x: () => tf.mul(dy, tf.mul(y, tf.sub(1, y))) };
});
gradientOf('Tanh', output, (dy, { outputs }) => ({ x: () => tf.mul(dy, tf.sub(1, tf.square((outputs as One)[0]))) }));
gradientOf('Erf', input, (dy, { inputs }) => ({
  x: () => tf.mul(dy, tf.mul(tf.exp(tf.neg(tf.square((inputs as One)[0]))), 2 / Math.sqrt(Math.PI))),
}));
gradientOf('ClipByValue', input, (dy, { inputs, attributes }) => {
  const x = (inputs as One)[0];
  const { clipValueMin, clipValueMax } = attributes as { clipValueMin: number; clipValueMax: number };
  return { x: () => tf.mul(dy, mask(tf.logicalAnd(tf.greaterEqual(x, clipValueMin), tf.lessEqual(x, clipValueMax)))) };
});
for (const kernel of ['Step', 'Sign', 'ZerosLike', 'OnesLike']) gradientOf(kernel, {}, (dy) => ({ x: () => tf.zerosLike(dy) }));
