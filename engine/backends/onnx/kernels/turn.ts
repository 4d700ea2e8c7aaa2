import type { Graph } from '../graph.ts';
import type { Value } from '../values.ts';

/** Beyond the first entry of any axis: where a slice that runs backwards ends. */
const far = -(2 ** 31);

/** The value with its first two axes, a kernel's rows and columns, running backwards: turned by 180 degrees. */
export function turn(graph: Graph, value: Value): Value {
  const bounds = [
    [-1, -1],
    [far, far],
    [0, 1],
    [-1, -1],
  ].map((values) => graph.integers(values));
  return graph.node('Slice', [value, ...bounds], value.shape, 'float32');
}
