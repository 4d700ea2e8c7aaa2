/** tfjs kernels that work entry by entry. */

import { scaleChannels, shiftChannels } from '../blocked.ts';
import type { Graph } from '../graph.ts';
import { broadcastShapes, elementwise, filled, perChannel, plain, sameShape, type Traced, uniform, whole } from '../traced.ts';
import { traceKernel } from '../tracer.ts';
import type { ElementType, Value } from '../values.ts';
import { sumOfSpread } from './spread.ts';

type Pair = [Traced, Traced];

const castCodes: Record<ElementType, number> = { float32: 1, int32: 6, int64: 7, bool: 9 };

interface Binary {
  operator: string;
  compute: (a: number, b: number) => number;
  /** An operand that, on the right (or on either side), leaves the other as it is. */
  neutral?: number;
  commutes?: boolean;
  /** The same of two blocked values, where there is a shorter way. */
  ofBlocks?: (graph: Graph, first: Value, second: Value) => Value | undefined;
  /** The same with a blocked value on the left and one number a channel on the right. */
  ofChannels?: (graph: Graph, x: Value, vector: Value) => Value;
}

const changed = (graph: Graph, operator: string, vector: Value) => graph.node(operator, [vector], vector.shape, 'float32');

/** The operand that remains when the other is neutral and does not widen the shape. */
function withoutNeutral(graph: Graph, [a, b]: Pair, { neutral, commutes }: Binary): Traced | undefined {
  if (neutral === undefined || a.value.type !== b.value.type) return undefined;
  const shape = broadcastShapes([a.shape, b.shape]);
  if (uniform(graph, b) === neutral && sameShape(a.shape, shape)) return a;
  if (commutes && uniform(graph, a) === neutral && sameShape(b.shape, shape)) return b;
  return undefined;
}

/** A blocked tensor and one number a channel: one pass, which may merge with the convolution in front. */
function withChannels(graph: Graph, [a, b]: Pair, { commutes, ofChannels }: Binary): Traced | undefined {
  const [x, other] = a.layout === 'blocked' ? [a, b] : [b, a];
  if (!ofChannels || x.layout !== 'blocked' || (x === b && !commutes) || x.value.type !== 'float32') return undefined;
  const channels = x.shape[3] as number;
  const vector = perChannel(graph, other, channels);
  return vector && other.shape.length <= 4 ? { ...x, value: ofChannels(graph, x.value, vector) } : undefined;
}

/** Two blocked tensors of one shape, by a shorter way. */
function withBlocks(graph: Graph, [a, b]: Pair, { ofBlocks }: Binary): Traced | undefined {
  if (!ofBlocks || a.layout !== 'blocked' || b.layout !== 'blocked' || !sameShape(a.shape, b.shape)) return undefined;
  const value = ofBlocks(graph, a.value, b.value);
  return value && { ...a, value };
}

function traceBinary(kernel: string, binary: Binary): void {
  traceKernel(kernel, ['a', 'b'], (graph, inputs) => {
    const [a, b] = inputs as Pair;
    const { type } = a.value;
    const numbers = [uniform(graph, a), uniform(graph, b)];
    if (numbers[0] !== undefined && numbers[1] !== undefined && type === 'float32')
      return filled(graph, broadcastShapes([a.shape, b.shape]), Math.fround(binary.compute(numbers[0], numbers[1])), type);
    return (
      withoutNeutral(graph, [a, b], binary) ??
      withChannels(graph, [a, b], binary) ??
      withBlocks(graph, [a, b], binary) ??
      elementwise(graph, binary.operator, [a, b], type)
    );
  });
}

traceBinary('Add', {
  operator: 'Add',
  compute: (a, b) => a + b,
  neutral: 0,
  commutes: true,
  ofChannels: shiftChannels,
  ofBlocks: sumOfSpread,
});
traceBinary('Sub', {
  operator: 'Sub',
  compute: (a, b) => a - b,
  neutral: 0,
  ofChannels: (graph, x, vector) => shiftChannels(graph, x, changed(graph, 'Neg', vector)),
});
traceBinary('Multiply', { operator: 'Mul', compute: (a, b) => a * b, neutral: 1, commutes: true, ofChannels: scaleChannels });
traceBinary('RealDiv', {
  operator: 'Div',
  compute: (a, b) => a / b,
  neutral: 1,
  ofChannels: (graph, x, vector) => scaleChannels(graph, x, changed(graph, 'Reciprocal', vector)),
});
traceBinary('Maximum', { operator: 'Max', compute: Math.max });
traceBinary('Minimum', { operator: 'Min', compute: Math.min });
traceBinary('Pow', { operator: 'Pow', compute: (a, b) => a ** b, neutral: 1 });

traceKernel('SquaredDifference', ['a', 'b'], (graph, inputs) => {
  const difference = elementwise(graph, 'Sub', inputs, (inputs as Pair)[0].value.type);
  return elementwise(graph, 'Mul', [difference, difference], difference.value.type);
});

const comparisons = { Equal: 'Equal', Greater: 'Greater', GreaterEqual: 'GreaterOrEqual', Less: 'Less', LessEqual: 'LessOrEqual' };
for (const [kernel, operator] of Object.entries({ ...comparisons, LogicalAnd: 'And', LogicalOr: 'Or' }))
  traceKernel(kernel, ['a', 'b'], (graph, inputs) => elementwise(graph, operator, inputs, 'bool'));
traceKernel('NotEqual', ['a', 'b'], (graph, inputs) => elementwise(graph, 'Not', [elementwise(graph, 'Equal', inputs, 'bool')], 'bool'));
traceKernel('LogicalNot', ['x'], (graph, inputs) => elementwise(graph, 'Not', inputs, 'bool'));
traceKernel('Select', ['condition', 't', 'e'], (graph, inputs) =>
  elementwise(graph, 'Where', inputs, (inputs as [Traced, Traced, Traced])[1].value.type),
);

/**
 * The runtime's own Sign is slow on a CPU, and WebGPU has none and would hand the values to the CPU and back. On a CPU a slope makes
 * every normal number so large that it is cut to 1 or -1; where the graph is for any device, comparisons do it.
 */
function signOf(graph: Graph, x: Traced): Traced {
  const { type } = x.value;
  if (type !== 'float32') return elementwise(graph, 'Sign', [x], type);
  if (graph.block > 1) {
    const steep = elementwise(graph, 'Mul', [x, filled(graph, [], 3e38, type)], type);
    return { ...steep, value: graph.node('Clip', [steep.value, graph.scalar(-1), graph.scalar(1)], steep.value.shape, type) };
  }
  const zero = filled(graph, [], 0, type);
  const isTrue = (operator: string) =>
    elementwise(graph, 'Cast', [elementwise(graph, operator, [x, zero], 'bool')], type, { to: castCodes.float32 });
  return elementwise(graph, 'Sub', [isTrue('Greater'), isTrue('Less')], type);
}

/**
 * Of a column of numbers, one an image. The runtime on a CPU takes logarithms in groups, and those that fill none in another way, so
 * that the last digit would depend on the image's place; its reductions take one after the other.
 */
function logOfColumn(graph: Graph, x: Traced): Traced | undefined {
  if (graph.block === 1 || x.layout !== 'plain' || x.shape.length !== 2 || x.shape[1] !== 1) return undefined;
  const operands = [whole(graph, x), graph.integers([1])];
  return plain(graph.node('ReduceLogSum', operands, x.shape, 'float32', { keepdims: 1 }));
}

const unary: Record<string, [operator: string, compute: (x: number) => number]> = {
  Neg: ['Neg', (x) => -x],
  Abs: ['Abs', Math.abs],
  Sign: ['Sign', Math.sign],
  Exp: ['Exp', Math.exp],
  Log: ['Log', Math.log],
  Sqrt: ['Sqrt', Math.sqrt],
  Relu: ['Relu', (x) => Math.max(x, 0)],
  Sigmoid: ['Sigmoid', (x) => 1 / (1 + Math.exp(-x))],
  Tanh: ['Tanh', Math.tanh],
};
for (const [kernel, [operator, compute]] of Object.entries(unary))
  traceKernel(kernel, ['x'], (graph, inputs) => {
    const x = inputs[0] as Traced;
    const number = uniform(graph, x);
    if (number !== undefined && x.value.type === 'float32') return filled(graph, x.shape, Math.fround(compute(number)), 'float32');
    if (operator === 'Sign') return signOf(graph, x);
    return (operator === 'Log' && logOfColumn(graph, x)) || elementwise(graph, operator, inputs, x.value.type);
  });

traceKernel('Erf', ['x'], (graph, inputs) => elementwise(graph, 'Erf', inputs, 'float32'));
traceKernel('Rsqrt', ['x'], (graph, inputs) =>
  elementwise(graph, 'Reciprocal', [elementwise(graph, 'Sqrt', inputs, 'float32')], 'float32'),
);
traceKernel('Square', ['x'], (graph, [x]) => elementwise(graph, 'Mul', [x as Traced, x as Traced], (x as Traced).value.type));
/** 1 above 0, else 0. The slope is so steep that every normal number above 0 reaches 1: one pass instead of two. */
traceKernel('Step', ['x'], (graph, inputs) =>
  elementwise(graph, 'HardSigmoid', inputs, 'float32', { alpha: { float: 3e38 }, beta: { float: 0 } }),
);
traceKernel('ClipByValue', ['x'], (graph, [x], { clipValueMin, clipValueMax }) => {
  const traced = x as Traced;
  const bounds = [clipValueMin, clipValueMax].map((bound) => graph.scalar(bound as number, traced.value.type));
  return { ...traced, value: graph.node('Clip', [traced.value, ...bounds], traced.value.shape, traced.value.type) };
});

traceKernel('Cast', ['x'], (graph, [x], { dtype }) => {
  const traced = x as Traced;
  const type = dtype as ElementType;
  if (traced.value.type === type) return traced;
  const number = uniform(graph, traced);
  if (number !== undefined) return filled(graph, traced.shape, type === 'int32' ? Math.trunc(number) : number, type);
  return { ...traced, value: graph.node('Cast', [traced.value], traced.value.shape, type, { to: castCodes[type] }) };
});
traceKernel('Identity', ['x'], (_graph, [x]) => x as Traced);
traceKernel('ZerosLike', ['x'], (graph, [x]) => filled(graph, (x as Traced).shape, 0, (x as Traced).value.type));
traceKernel('OnesLike', ['x'], (graph, [x]) => filled(graph, (x as Traced).shape, 1, (x as Traced).value.type));
traceKernel('Fill', [], (graph, _inputs, { shape, value, dtype }) =>
  filled(graph, shape as number[], value as number, (dtype ?? 'float32') as ElementType),
);
