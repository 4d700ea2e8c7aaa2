/**
 * What a tensor of a step stands for while it is traced. Convolutions want channels before positions, tfjs has them
 * last: a traced tensor remembers in which order its value lies, so that whole networks run without a transposition.
 * The value may also be smaller than the tensor, where it would only be repeated along an axis.
 */
import { EngineError } from '../../errors.ts';
import type { Attributes, ElementType, Graph, Value } from './graph.ts';

/** plain: the tensor's own order. channelsFirst: [images, channels, height, width] of a tensor of four axes. */
export type Layout = 'plain' | 'channelsFirst';

export interface Traced {
  /** Its shape, once repeated and in the tensor's own order, is the tensor's. */
  value: Value;
  shape: number[];
  layout: Layout;
}

export const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

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

/** Transposes; where only axes of length one change places, a reshape does it without moving a value. */
export function permute(graph: Graph, value: Value, order: number[]): Value {
  const shape = order.map((axis) => value.shape[axis] as number);
  const long = order.filter((axis) => value.shape[axis] !== 1);
  if (long.every((axis, index) => index === 0 || axis > (long[index - 1] as number))) return reshapeValue(graph, value, shape);
  return graph.node('Transpose', [value], shape, value.type, { perm: order });
}

export function reshapeValue(graph: Graph, value: Value, shape: readonly number[]): Value {
  if (sameShape(value.shape, shape)) return value;
  return graph.node('Reshape', [value, graph.integers(shape)], shape, value.type);
}

/** The value in the wished layout, perhaps still smaller than the tensor. */
export function inLayout(graph: Graph, { value, shape, layout }: Traced, wished: Layout): Value {
  if (value.shape.length === 0 || layout === wished) return value;
  if (wished === 'plain') return permute(graph, value, toPlain);
  const padded = [...Array.from({ length: 4 - value.shape.length }, () => 1), ...value.shape];
  if (shape.length > 4) throw new EngineError('A tensor of more than four axes cannot have its channels first.');
  return permute(graph, reshapeValue(graph, value, padded), toChannelsFirst);
}

/** The value in the wished layout and of the tensor's full shape. */
export function whole(graph: Graph, traced: Traced, wished: Layout = 'plain'): Value {
  const value = inLayout(graph, traced, wished);
  const shape = wished === 'plain' ? traced.shape : toChannelsFirst.map((axis) => traced.shape[axis] as number);
  if (sameShape(value.shape, shape)) return value;
  if (sizeOf(value.shape) === sizeOf(shape)) return reshapeValue(graph, value, shape);
  return graph.node('Expand', [value, graph.integers(shape)], shape, value.type);
}

export const plain = (value: Value, shape: number[] = [...value.shape]): Traced => ({ value, shape, layout: 'plain' });

/** A tensor whose entries are all the same number. */
export const filled = (graph: Graph, shape: number[], value: number, type: ElementType): Traced => plain(graph.scalar(value, type), shape);

/** The number that all entries are, where that is known. */
export const uniform = (graph: Graph, traced: Traced): number | undefined => graph.scalarOf(traced.value);

/** A node that works entry by entry on tensors that are broadcast against each other. */
export function elementwise(graph: Graph, operator: string, operands: Traced[], type: ElementType, attributes: Attributes = {}): Traced {
  const shape = broadcastShapes(operands.map((operand) => operand.shape));
  const layout = operands.some((operand) => operand.layout === 'channelsFirst') ? 'channelsFirst' : 'plain';
  const values = operands.map((operand) => inLayout(graph, operand, layout));
  return { value: graph.node(operator, values, broadcastShapes(values.map((value) => value.shape)), type, attributes), shape, layout };
}
