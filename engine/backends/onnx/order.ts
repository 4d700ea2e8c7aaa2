/**
 * When nodes run. The runtime cannot be told that a node is to run after one that it takes nothing of; but a node that takes another's
 * shape waits for it.
 */
import type { Node, Value } from './values.ts';

/** A node that gives its first operand, made after the second where a run makes both. */
export const afterOperator = 'After';

/** What a node takes: not what it only waits for. */
export const takenBy = ({ operator, inputs }: Node): Value[] => (operator === afterOperator ? inputs.slice(0, 1) : inputs);

export interface Ordered {
  nodes: Node[];
  /** The value itself, or what stands for one that needs no node. */
  standsFor(value: Value): Value;
  /** Values that wait. Their shapes are computed, so that the runtime does not know them before it runs. */
  waiting: Value[];
}

/**
 * Turns nodes that wait into such as the runtime has.
 * @param nodes in order
 * @param possible false where nothing is to wait
 */
export function settleOrder(nodes: Node[], possible: boolean): Ordered {
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const shapes = new Map<Value, Value>();
  const replaced = new Map<Value, Value>();
  const waiting: Value[] = [];
  const standsFor = (value: Value) => replaced.get(value) ?? value;
  for (const { operator, inputs, outputs } of nodes) {
    if (operator !== afterOperator) continue;
    const [value, first] = inputs as [Value, Value];
    const [result] = outputs as [Value];
    if (!possible || !made.has(first)) replaced.set(result, standsFor(value));
    else {
      waiting.push(result);
      shapes.set(first, { name: `${first.name}/shape`, shape: [first.shape.length], type: 'int64' });
    }
  }
  const settled = nodes.flatMap((node): Node[] => {
    if (node.outputs.some((output) => replaced.has(output))) return [];
    const inputs = node.inputs.map(standsFor);
    const waits = node.operator === afterOperator;
    const [value, first] = inputs as [Value, Value];
    const own = waits ? { ...node, operator: 'Reshape', inputs: [value, shapes.get(first) as Value] } : { ...node, inputs };
    return [own, ...node.outputs.flatMap((output) => shapeNode(output, shapes.get(output)))];
  });
  return { nodes: settled, standsFor, waiting };
}

const shapeNode = (value: Value, shape: Value | undefined): Node[] =>
  shape ? [{ operator: 'Shape', domain: '', inputs: [value], outputs: [shape], attributes: {} }] : [];
