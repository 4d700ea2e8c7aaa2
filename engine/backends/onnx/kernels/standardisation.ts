/** Standardised rows in one pass, as layer normalisation takes them. */
import { fusedStandardisation } from '../../../ops/layer-normalisation.ts';
import { plain, type Traced, whole } from '../traced.ts';
import { traceKernelOfMany } from '../tracer.ts';

traceKernelOfMany(fusedStandardisation, ['x'], (graph, [x], { epsilon }) => {
  const rows = whole(graph, x as Traced);
  const [count, features] = rows.shape as [number, number];
  const ones = graph.literal(
    Array.from({ length: features }, () => 1),
    [features],
    'float32',
  );
  const [full, one] = [
    { shape: [count, features], type: 'float32' as const },
    { shape: [count, 1], type: 'float32' as const },
  ];
  const outputs = graph.nodeOfMany('LayerNormalization', [rows, ones], [full, one, one], { epsilon: { float: epsilon as number } });
  return [outputs[0], outputs[2]].map((output) => plain(output as typeof rows));
});
