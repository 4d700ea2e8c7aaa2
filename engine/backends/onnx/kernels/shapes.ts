/** tfjs kernels that move values without changing them, and those that make values of positions. */
import * as tf from '@tensorflow/tfjs-core';
import { EngineError } from '../../../errors.ts';
import { orderedAfter } from '../../../ops/order.ts';
import { elementwise, permute, plain, reshapeValue, sameShape, type Traced, toChannelsFirst, toPlain, uniform, whole } from '../traced.ts';
import { type Kernel, traceKernel, traceKernelOfMany } from '../tracer.ts';
import type { ElementType } from '../values.ts';

const reshape =
  (shapeOf: (x: Traced, attributes: Record<string, unknown>) => number[]): Kernel =>
  (graph, [x], attributes) => {
    const traced = x as Traced;
    const shape = shapeOf(traced, attributes);
    if (uniform(graph, traced) !== undefined) return { ...traced, shape, layout: 'plain' };
    if (sameShape(shape, traced.shape)) return traced;
    return plain(reshapeValue(graph, whole(graph, traced), shape));
  };

traceKernel(
  'Reshape',
  ['x'],
  reshape((x, { shape }) => tf.util.inferFromImplicitShape(shape as number[], tf.util.sizeFromShape(x.shape))),
);
traceKernel(
  'ExpandDims',
  ['input'],
  reshape(({ shape }, { dim }) => {
    const at = (dim as number) < 0 ? shape.length + 1 + (dim as number) : (dim as number);
    return [...shape.slice(0, at), 1, ...shape.slice(at)];
  }),
);
traceKernel('Transpose', ['x'], (graph, [x], { perm }) => {
  const order = perm as number[];
  const traced = x as Traced;
  const shape = order.map((axis) => traced.shape[axis] as number);
  if (uniform(graph, traced) !== undefined) return { ...traced, shape };
  // Between the two orders of images nothing moves: only what the value stands for changes.
  if (order.join() === toPlain.join() && traced.layout === 'plain') return { value: whole(graph, traced), shape, layout: 'channelsFirst' };
  if (order.join() === toChannelsFirst.join()) return plain(whole(graph, traced, 'channelsFirst'));
  return plain(permute(graph, whole(graph, traced), order));
});
/** tf.broadcastTo runs as Tile; an axis of length one is repeated by whatever uses the value. */
traceKernel('Tile', ['x'], (graph, [x], { reps }) => {
  const traced = x as Traced;
  const repeats = reps as number[];
  const shape = traced.shape.map((length, axis) => length * (repeats[axis] as number));
  if (traced.shape.every((length, axis) => length === 1 || repeats[axis] === 1)) return { ...traced, shape };
  return plain(graph.node('Tile', [whole(graph, traced), graph.integers(repeats)], shape, traced.value.type));
});
traceKernel(orderedAfter, ['x', 'first'], (graph, [x, first]) => {
  const [later, earlier] = [x as Traced, first as Traced];
  return later.layout === earlier.layout && sameShape(later.value.shape, earlier.value.shape)
    ? { ...later, value: graph.after(later.value, earlier.value) }
    : later;
});
traceKernel('Slice', ['x'], (graph, [x], { begin, size }) => {
  const traced = x as Traced;
  const starts = begin as number[];
  const shape = (size as number[]).map((length, axis) =>
    length === -1 ? (traced.shape[axis] as number) - (starts[axis] as number) : length,
  );
  const ends = shape.map((length, axis) => length + (starts[axis] as number));
  const operands = [whole(graph, traced), graph.integers(starts), graph.integers(ends)];
  return plain(graph.node('Slice', operands, shape, traced.value.type));
});
traceKernel('PadV2', ['x'], (graph, [x], { paddings, constantValue }) => {
  const traced = x as Traced;
  const margins = paddings as [number, number][];
  const shape = traced.shape.map((length, axis) => length + (margins[axis]?.[0] ?? 0) + (margins[axis]?.[1] ?? 0));
  const pads = graph.integers([...margins.map(([before]) => before), ...margins.map(([, after]) => after)]);
  const fill = graph.scalar((constantValue ?? 0) as number, traced.value.type);
  return plain(graph.node('Pad', [whole(graph, traced), pads, fill], shape, traced.value.type));
});
traceKernel('Concat', 'list', (graph, inputs, { axis }) => {
  const first = inputs[0] as Traced;
  const at = tf.util.parseAxisParam(axis as number, first.shape)[0] as number;
  const shape = tf.backend_util.computeOutShape(
    inputs.map((input) => input.shape),
    at,
  );
  const values = inputs.map((input) => whole(graph, input));
  return plain(graph.node('Concat', values, shape, first.value.type, { axis: at }));
});
traceKernelOfMany('SplitV', ['x'], (graph, [x], { numOrSizeSplits, axis }) => {
  const traced = x as Traced;
  const at = tf.util.parseAxisParam(axis as number, traced.shape)[0] as number;
  const sizes = tf.backend_util.prepareSplitSize({ shape: traced.shape } as tf.Tensor, numOrSizeSplits as number[] | number, at);
  const outputs = sizes.map((size) => ({
    shape: traced.shape.map((length, axis) => (axis === at ? size : length)),
    type: traced.value.type,
  }));
  return graph.nodeOfMany('Split', [whole(graph, traced), graph.integers(sizes)], outputs, { axis: at }).map((value) => plain(value));
});
traceKernel('GatherV2', ['x', 'indices'], (graph, [x, indices], { axis, batchDims }) => {
  if (batchDims) throw new EngineError(`A step cannot gather with ${batchDims} batch dimensions on the onnx backend.`);
  const [source, positions] = [x as Traced, indices as Traced];
  const at = tf.util.parseAxisParam((axis ?? 0) as number, source.shape)[0] as number;
  const shape = [...source.shape.slice(0, at), ...positions.shape, ...source.shape.slice(at + 1)];
  return plain(graph.node('Gather', [whole(graph, source), whole(graph, positions)], shape, source.value.type, { axis: at }));
});
/** 1 at the index, else 0, along a new last axis. */
traceKernel('OneHot', ['indices'], (graph, [indices], { depth, onValue, offValue, dtype }) => {
  const traced = indices as Traced;
  const length = depth as number;
  const column = plain(reshapeValue(graph, whole(graph, traced), [...traced.shape, 1]));
  const classes = plain(
    graph.literal(
      Array.from({ length }, (_, index) => index),
      [length],
      'int32',
    ),
  );
  const hit = elementwise(graph, 'Equal', [column, classes], 'bool');
  const type = (dtype ?? 'int32') as ElementType;
  const [on, off] = [onValue ?? 1, offValue ?? 0].map((value) => plain(graph.scalar(value as number, type)));
  return elementwise(graph, 'Where', [hit, on as Traced, off as Traced], type);
});
