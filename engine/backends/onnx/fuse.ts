/** Merges what follows a convolution into it, where nothing else uses the value in between: a pass less over memory. */
import { absent, blockedDomain, type Node, type Value } from './values.ts';

/** Places of a blocked convolution's operands. */
const [biasPlace, summandPlace] = [2, 3];

/** The nodes by the value they make, and how many uses each value has. */
class Uses {
  readonly producers = new Map<Value, Node>();
  private readonly counts = new Map<Value, number>();

  constructor(nodes: Node[], outputs: Value[]) {
    for (const node of nodes) for (const output of node.outputs) this.producers.set(output, node);
    for (const value of [...outputs, ...nodes.flatMap(({ inputs }) => inputs)]) this.counts.set(value, (this.counts.get(value) ?? 0) + 1);
  }

  /** The blocked convolution that makes the value, if this is its only use and nothing follows within it yet. */
  openConvolution(value: Value): Node | undefined {
    const node = this.producers.get(value);
    const isOpen = node?.operator === 'Conv' && node.domain === blockedDomain && !('activation' in node.attributes);
    return isOpen && this.counts.get(value) === 1 ? node : undefined;
  }
}

const has = (node: Node, place: number) => (node.inputs[place]?.name ?? '') !== '';

/** The operands with one put at a place; places left out before it are marked absent. */
function withOperand(node: Node, place: number, operand: Value): Value[] {
  const inputs = [...node.inputs];
  while (inputs.length < place) inputs.push(absent);
  inputs[place] = operand;
  return inputs;
}

/** The node and the convolution in front of it as one node, and the convolution; nothing where they do not merge. */
function merge(node: Node, uses: Uses): { merged: Node; convolution: Node } | undefined {
  const [first, second] = node.inputs;
  if (first === undefined) return undefined;
  const { outputs } = node;
  if (node.operator === 'Relu') {
    const convolution = uses.openConvolution(first);
    if (convolution)
      return { convolution, merged: { ...convolution, outputs, attributes: { ...convolution.attributes, activation: 'Relu' } } };
  }
  if (node.operator === 'Add' && second && first !== second && first.shape.join() === second.shape.join()) {
    for (const [sum, other] of [
      [first, second],
      [second, first],
    ] as const) {
      const convolution = uses.openConvolution(sum);
      if (convolution && !has(convolution, summandPlace))
        return { convolution, merged: { ...convolution, outputs, inputs: withOperand(convolution, summandPlace, other) } };
    }
  }
  if (node.operator === 'ChannelAdd' && second) {
    const convolution = uses.openConvolution(first);
    if (convolution && !has(convolution, biasPlace) && !has(convolution, summandPlace))
      return { convolution, merged: { ...convolution, outputs, inputs: withOperand(convolution, biasPlace, second) } };
  }
  return undefined;
}

/** A sum with one number a channel that found no convolution becomes one itself: every channel times one, plus its number. */
function lower(node: Node): Node {
  if (node.operator !== 'ChannelAdd') return node;
  const [x, summand, ones] = node.inputs as [Value, Value, Value];
  return { ...node, operator: 'Conv', domain: blockedDomain, inputs: [x, ones, summand] };
}

/** The same computation in fewer nodes. */
export function fuse(nodes: Node[], outputs: Value[]): Node[] {
  const uses = new Uses(nodes, outputs);
  const gone = new Set<Node>();
  const result: Node[] = [];
  for (const node of nodes) {
    const found = merge(node, uses);
    const next = found?.merged ?? node;
    if (found) gone.add(found.convolution);
    for (const output of next.outputs) uses.producers.set(output, next);
    result.push(next);
  }
  return result.filter((node) => !gone.has(node)).map(lower);
}
