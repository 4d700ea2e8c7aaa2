/** Merges what follows a convolution or product into it, where nothing else uses the value in between: a pass less over memory. */
import { type Attributes, absent, blockedDomain, type Node, type Value } from './values.ts';

/** Places of a blocked convolution's operands. */
const [biasPlace, summandPlace] = [2, 3];

/** The nodes by the value they make, and how many uses each value has. */
class Uses {
  readonly producers = new Map<Value, Node>();
  private readonly counts = new Map<Value, number>();

  /** @param numberOf what a value is, where that is a single number */
  constructor(
    nodes: Node[],
    outputs: Value[],
    readonly numberOf: (value: Value) => number | undefined,
  ) {
    for (const node of nodes) for (const output of node.outputs) this.producers.set(output, node);
    for (const value of [...outputs, ...nodes.flatMap(({ inputs }) => inputs)]) this.counts.set(value, (this.counts.get(value) ?? 0) + 1);
  }

  /** The blocked convolution that makes the value, if this is its only use and nothing follows within it yet. */
  openConvolution(value: Value): Node | undefined {
    const node = this.producers.get(value);
    const isOpen = node?.operator === 'Conv' && node.domain === blockedDomain && !('activation' in node.attributes);
    return isOpen && this.counts.get(value) === 1 ? node : undefined;
  }

  /** The product that makes the value, if this is its only use. */
  product(value: Value, ...operators: string[]): Node | undefined {
    const node = this.producers.get(value);
    return node && operators.includes(node.operator) && this.counts.get(value) === 1 ? node : undefined;
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

/** A node that does what two did, and the first of the two, which goes. */
interface Merged {
  merged: Node;
  gone: Node;
}

/** A product and what is added to it, whole or one row for all rows; or the number that it is multiplied by. */
function mergeProduct({ operator, inputs, outputs }: Node, uses: Uses): Merged | undefined {
  for (const [result, other] of [inputs, inputs.toReversed()] as [Value, Value][]) {
    const factor = uses.numberOf(other);
    if (operator === 'Mul' && factor !== undefined) {
      const gone = uses.product(result, 'Gemm', 'FusedMatMul');
      if (gone) return { gone, merged: { ...gone, outputs, attributes: scaled(gone, factor) } };
    }
    if (operator === 'Add' && fitsRows(other, result)) {
      const gone = uses.product(result, 'Gemm');
      if (gone && gone.inputs.length === 2) return { gone, merged: { ...gone, outputs, inputs: [...gone.inputs, other] } };
    }
  }
  return undefined;
}

const fitsRows = (summand: Value, { shape: [rows, columns] }: Value) =>
  summand.type === 'float32' && [`${columns}`, `1,${columns}`, `${rows},${columns}`].includes(summand.shape.join());

/** The attributes of a product that is multiplied by a factor, what was added to it included. */
function scaled({ inputs, attributes }: Node, factor: number): Attributes {
  const times = (name: string) => ({ float: ((attributes[name] as { float: number } | undefined)?.float ?? 1) * factor });
  return { ...attributes, alpha: times('alpha'), ...(inputs.length > 2 ? { beta: times('beta') } : {}) };
}

/** The node and the convolution in front of it as one node; nothing where they do not merge. */
function mergeConvolution(node: Node, uses: Uses): Merged | undefined {
  const [first, second] = node.inputs;
  if (first === undefined) return undefined;
  const { outputs } = node;
  if (node.operator === 'Relu') {
    const convolution = uses.openConvolution(first);
    if (convolution)
      return { gone: convolution, merged: { ...convolution, outputs, attributes: { ...convolution.attributes, activation: 'Relu' } } };
  }
  if (node.operator === 'Add' && second && first !== second && first.shape.join() === second.shape.join()) {
    for (const [sum, other] of [
      [first, second],
      [second, first],
    ] as const) {
      const convolution = uses.openConvolution(sum);
      if (convolution && !has(convolution, summandPlace))
        return { gone: convolution, merged: { ...convolution, outputs, inputs: withOperand(convolution, summandPlace, other) } };
    }
  }
  if (node.operator === 'ChannelAdd' && second) {
    const convolution = uses.openConvolution(first);
    if (convolution && !has(convolution, biasPlace) && !has(convolution, summandPlace))
      return { gone: convolution, merged: { ...convolution, outputs, inputs: withOperand(convolution, biasPlace, second) } };
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
export function fuse(nodes: Node[], outputs: Value[], numberOf: (value: Value) => number | undefined): Node[] {
  const uses = new Uses(nodes, outputs, numberOf);
  const gone = new Set<Node>();
  const result: Node[] = [];
  for (const node of nodes) {
    const found = mergeConvolution(node, uses) ?? mergeProduct(node, uses);
    const next = found?.merged ?? node;
    if (found) gone.add(found.gone);
    for (const output of next.outputs) uses.producers.set(output, next);
    result.push(next);
  }
  return result.filter((node) => !gone.has(node)).map(lower);
}
