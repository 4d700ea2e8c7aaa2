/** tfjs' matrix product. */
import type { Graph } from '../graph.ts';
import { permute, plain, sameShape, type Traced, whole } from '../traced.ts';
import { traceKernel } from '../tracer.ts';
import type { Value } from '../values.ts';

function swapLast(graph: Graph, value: Value): Value {
  const last = value.shape.length - 1;
  return permute(
    graph,
    value,
    value.shape.map((_, axis) => (axis === last ? last - 1 : axis === last - 1 ? last : axis)),
  );
}

/** What a value is a multiple of, and how many times it: products take the number themselves. */
function unscaled(graph: Graph, value: Value): { value: Value; times: number } {
  const origin = graph.producerOf(value);
  const operands = origin?.operator === 'Mul' ? origin.inputs : [];
  const number = operands.find((operand) => graph.scalarOf(operand) !== undefined);
  const other = operands.find((operand) => operand !== number);
  return number && other ? { value: other, times: graph.scalarOf(number) as number } : { value, times: 1 };
}

/** What many matrices lie in where their rows' axis is in front of the others: products find them there, if it is as many on both sides. */
function strided(graph: Graph, value: Value, isPaired: boolean): { value: Value; isStrided: number } {
  const origin = graph.producerOf(value);
  const last = value.shape.length - 1;
  const order = value.shape.map((_, axis) => (axis === last ? last : (axis + 1) % last));
  const isStrided = isPaired && origin?.operator === 'Transpose' && (origin.attributes.perm as number[]).join() === order.join();
  return isStrided ? { value: origin.inputs[0] as Value, isStrided: 1 } : { value, isStrided: 0 };
}

traceKernel('BatchMatMul', ['a', 'b'], (graph, [a, b], { transposeA, transposeB }) => {
  const [left, right] = [whole(graph, a as Traced), whole(graph, b as Traced)];
  const rows = left.shape.at(transposeA ? -1 : -2) as number;
  const columns = right.shape.at(transposeB ? -2 : -1) as number;
  const batch = left.shape.slice(0, -2).map((length, axis) => Math.max(length, right.shape[axis] ?? 1));
  const shape = [...batch, rows, columns];
  const isFlat = left.shape.length === 2 && right.shape.length === 2;
  // Of products of many matrices, only a CPU's runtime is sure to have one that transposes and scales.
  if (!isFlat && graph.block === 1) {
    const operands = [transposeA ? swapLast(graph, left) : left, transposeB ? swapLast(graph, right) : right];
    return plain(graph.node('MatMul', operands, shape, 'float32'));
  }
  const [first, second] = [unscaled(graph, left), unscaled(graph, right)];
  const attributes = { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: first.times * second.times } };
  if (isFlat) return plain(graph.node('Gemm', [first.value, second.value], shape, 'float32', attributes));
  const isPaired = sameShape(left.shape.slice(0, -2), right.shape.slice(0, -2));
  const [own, other] = [strided(graph, first.value, isPaired), strided(graph, second.value, isPaired)];
  const places = { ...attributes, transBatchA: own.isStrided, transBatchB: other.isStrided };
  return plain(graph.node('FusedMatMul', [own.value, other.value], shape, 'float32', places, 'com.microsoft'));
});
