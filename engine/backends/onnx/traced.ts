/**
 * What a tensor of a step stands for while it is traced. Convolutions want channels before positions, tfjs has them
 * last: a traced tensor remembers in which order its value lies, so that whole networks run without a transposition.
 * The value may also be smaller than the tensor, where it would only be repeated along an axis.
 */
import { EngineError } from '../../errors.ts';
import { sizeOf } from '../../ops/arrays.ts';
import { blockShape, fromBlocks, toBlocks } from './blocked.ts';
import type { Graph } from './graph.ts';
import type { Attributes, ElementType, Value } from './values.ts';

/**
 * plain: the tensor's own order. channelsFirst: [images, channels, height, width] of a tensor of four axes. blocked: the
 * same with the channels in blocks (see blocked.ts); such a value always has the tensor's full shape.
 */
export type Layout = 'plain' | 'channelsFirst' | 'blocked';

export interface Traced {
  /** Its shape, once repeated and in the tensor's own order, is the tensor's. */
  value: Value;
  shape: number[];
  layout: Layout;
}

export const sameShape = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((length, axis) => length === b[axis]);

/** The shape that results when two shapes are aligned at their last axes. Throws when they do not fit. */
export function broadcastShapes(shapes: (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const lengths = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1).filter((length) => length !== 1);
    if (new Set(lengths).size > 1)
      throw new EngineError(`The shapes ${shapes.map((shape) => `[${shape}]`).join(' and ')} do not fit together.`);
    return lengths[0] ?? 1;
  });
}

export const toChannelsFirst = [0, 3, 1, 2];
export const toPlain = [0, 2, 3, 1];

/**
 * Transposes. Where only axes of length one change places, a reshape does it without moving a value; a transposition of a
 * transposition becomes one.
 */
export function permute(graph: Graph, value: Value, order: number[]): Value {
  const shape = order.map((axis) => value.shape[axis] as number);
  const long = order.filter((axis) => value.shape[axis] !== 1);
  if (long.every((axis, index) => index === 0 || axis > (long[index - 1] as number))) return reshapeValue(graph, value, shape);
  const origin = graph.producerOf(value);
  if (origin?.operator === 'Transpose') {
    const before = origin.attributes.perm as number[];
    return permute(
      graph,
      origin.inputs[0] as Value,
      order.map((axis) => before[axis] as number),
    );
  }
  return graph.node('Transpose', [value], shape, value.type, { perm: order });
}

export function reshapeValue(graph: Graph, value: Value, shape: readonly number[]): Value {
  if (sameShape(value.shape, shape)) return value;
  const origin = graph.producerOf(value);
  if (origin?.operator === 'Reshape') return reshapeValue(graph, origin.inputs[0] as Value, shape);
  return graph.node('Reshape', [value, graph.integers(shape)], shape, value.type);
}

const channelsFirstShape = (shape: readonly number[]) => toChannelsFirst.map((axis) => shape[axis] as number);

/** The value in the wished layout, perhaps still smaller than the tensor. */
function inOrder(graph: Graph, { value, layout }: Traced, wished: 'plain' | 'channelsFirst'): Value {
  if (layout === 'blocked') return fromBlocks(graph, value, wished === 'plain');
  if (value.shape.length === 0 || layout === wished) return value;
  if (wished === 'plain') return permute(graph, value, toPlain);
  const padded = [...Array.from({ length: 4 - value.shape.length }, () => 1), ...value.shape];
  return permute(graph, reshapeValue(graph, value, padded), toChannelsFirst);
}

/** The value in the wished layout and of the tensor's full shape. */
export function whole(graph: Graph, traced: Traced, wished: Layout = 'plain'): Value {
  if (traced.layout === wished && wished === 'blocked') return traced.value;
  if (wished === 'blocked') {
    const { layout } = traced;
    return toBlocks(graph, whole(graph, traced, layout), layout === 'plain');
  }
  const value = inOrder(graph, traced, wished);
  const shape = wished === 'plain' ? traced.shape : channelsFirstShape(traced.shape);
  if (sameShape(value.shape, shape)) return value;
  if (sizeOf(value.shape) === sizeOf(shape)) return reshapeValue(graph, value, shape);
  return graph.node('Expand', [value, graph.integers(shape)], shape, value.type);
}

export const plain = (value: Value, shape: number[] = [...value.shape]): Traced => ({ value, shape, layout: 'plain' });

/** A tensor whose entries are all the same number. */
export const filled = (graph: Graph, shape: number[], value: number, type: ElementType): Traced => plain(graph.scalar(value, type), shape);

/** The number that all entries are, where that is known. */
export const uniform = (graph: Graph, traced: Traced): number | undefined => graph.scalarOf(traced.value);

/** The tensor as an operand beside blocked ones: blocked and whole, or small enough to be repeated along their axes. */
function besideBlocks(graph: Graph, traced: Traced, full: number[]): Value {
  const { value } = traced;
  if (value.shape.length === 0) return value;
  if (traced.layout === 'blocked' || sizeOf(value.shape) === sizeOf(full)) {
    const blocked = whole(graph, traced, 'blocked');
    return reshapeValue(graph, blocked, blockShape(graph, blocked.shape));
  }
  const first = inOrder(graph, traced, 'channelsFirst');
  const [images, channels, height, width] = first.shape as [number, number, number, number];
  if (channels === 1) return reshapeValue(graph, first, [images, 1, height, width, 1]);
  if (height === 1 && width === 1) return reshapeValue(graph, first, blockShape(graph, first.shape));
  const expanded = whole(graph, { ...traced, shape: full }, 'blocked');
  return reshapeValue(graph, expanded, blockShape(graph, expanded.shape));
}

/** One number a channel, [channels], of a tensor that is nothing more; undefined where it is more. */
export function perChannel(graph: Graph, { value, layout }: Traced, channels: number): Value | undefined {
  const along = layout === 'channelsFirst' ? value.shape[1] : value.shape.at(-1);
  const fits = layout !== 'blocked' && along === channels && sizeOf(value.shape) === channels;
  return fits && value.type === 'float32' ? reshapeValue(graph, value, [channels]) : undefined;
}

/** A node that works entry by entry on tensors that are broadcast against each other. */
export function elementwise(graph: Graph, operator: string, operands: Traced[], type: ElementType, attributes: Attributes = {}): Traced {
  const shape = broadcastShapes(operands.map((operand) => operand.shape));
  if (shape.length > 4 && operands.some(({ layout }) => layout !== 'plain')) {
    const reordered = operands.map((operand) => plain(inOrder(graph, operand, 'plain'), operand.shape));
    return elementwise(graph, operator, reordered, type, attributes);
  }
  if (operands.some(({ layout }) => layout === 'blocked')) {
    const isNumber = ({ value }: Traced) => value.shape.length === 0;
    if (operands.every((operand) => isNumber(operand) || sizeOf(operand.value.shape) === sizeOf(shape))) {
      const values = operands.map((operand) => (isNumber(operand) ? operand.value : whole(graph, { ...operand, shape }, 'blocked')));
      return { value: graph.node(operator, values, channelsFirstShape(shape), type, attributes), shape, layout: 'blocked' };
    }
    const shown = operands.map((operand) => besideBlocks(graph, operand, shape));
    const result = graph.node(operator, shown, blockShape(graph, channelsFirstShape(shape)), type, attributes);
    return { value: reshapeValue(graph, result, channelsFirstShape(shape)), shape, layout: 'blocked' };
  }
  const layout = operands.some((operand) => operand.layout === 'channelsFirst') ? 'channelsFirst' : 'plain';
  const ordered = operands.map((operand) => inOrder(graph, operand, layout));
  return { value: graph.node(operator, ordered, broadcastShapes(ordered.map((value) => value.shape)), type, attributes), shape, layout };
}
