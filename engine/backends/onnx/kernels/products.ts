/** tfjs' matrix product. */
import type { Graph } from '../graph.ts';
import { permute, plain, type Traced, whole } from '../traced.ts';
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

traceKernel('BatchMatMul', ['a', 'b'], (graph, [a, b], { transposeA, transposeB }) => {
  const [left, right] = [whole(graph, a as Traced), whole(graph, b as Traced)];
  const rows = left.shape.at(transposeA ? -1 : -2) as number;
  const columns = right.shape.at(transposeB ? -2 : -1) as number;
  if (left.shape.length === 2 && right.shape.length === 2)
    return plain(graph.node('Gemm', [left, right], [rows, columns], 'float32', { transA: Number(transposeA), transB: Number(transposeB) }));
  const operands = [transposeA ? swapLast(graph, left) : left, transposeB ? swapLast(graph, right) : right] as [Value, Value];
  const batch = operands[0].shape.slice(0, -2).map((length, axis) => Math.max(length, operands[1].shape[axis] ?? 1));
  return plain(graph.node('MatMul', operands, [...batch, rows, columns], 'float32'));
});
