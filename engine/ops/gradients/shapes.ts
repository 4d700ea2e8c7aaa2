/** Gradients of kernels that move values without changing them. */
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../../errors.ts';
import { gradientOf, reduceTo } from './register.ts';

type One = [tf.Tensor];
const input = { inputs: ['x'] };

gradientOf('Reshape', input, (dy, { inputs }) => ({ x: () => tf.reshape(dy, (inputs as One)[0].shape) }));
gradientOf('ExpandDims', { inputs: ['input'] }, (dy, { inputs }) => ({ input: () => tf.reshape(dy, (inputs as One)[0].shape) }));
gradientOf('Transpose', {}, (dy, { attributes }) => {
  const order = attributes.perm as number[];
  return {
    x: () =>
      tf.transpose(
        dy,
        order.map((_, axis) => order.indexOf(axis)),
      ),
  };
});
/** tf.broadcastTo runs as Tile; a tile that repeats a longer axis has no gradient here. */
gradientOf('Tile', input, (dy, { inputs, attributes }) => {
  const { shape } = (inputs as One)[0];
  const repeats = attributes.reps as number[];
  if (shape.some((length, axis) => length !== 1 && repeats[axis] !== 1))
    throw new EngineError(`There is no gradient for tiling [${shape}] by [${repeats}]; only axes of length one can be repeated.`);
  return { x: () => reduceTo(dy, shape) };
});
gradientOf('Slice', input, (dy, { inputs, attributes }) => {
  const { shape } = (inputs as One)[0];
  const begin = attributes.begin as number[];
  const margins = begin.map((start, axis): [number, number] => [start, (shape[axis] as number) - start - (dy.shape[axis] as number)]);
  return { x: () => tf.pad(dy, margins) };
});
gradientOf('PadV2', input, (dy, { inputs, attributes }) => {
  const { shape } = (inputs as One)[0];
  const begin = (attributes.paddings as [number, number][]).map(([before]) => before);
  return { x: () => tf.slice(dy, begin, shape) };
});
tf.registerGradient({
  kernelName: 'Concat',
  saveAllInputs: true,
  gradFunc: (dy, saved, attributes) => {
    const axis = tf.util.parseAxisParam(attributes.axis as number, (saved[0] as tf.Tensor).shape)[0] as number;
    let start = 0;
    return Object.fromEntries(
      saved.map(({ shape }, index) => {
        const begin = shape.map((_, at) => (at === axis ? start : 0));
        start += shape[axis] as number;
        return [index, () => tf.slice(dy as tf.Tensor, begin, shape)];
      }),
    );
  },
});
tf.registerGradient({
  kernelName: 'SplitV',
  gradFunc: (dys, _saved, attributes) => ({ x: () => tf.concat(dys as tf.Tensor[], attributes.axis as number) }),
});
