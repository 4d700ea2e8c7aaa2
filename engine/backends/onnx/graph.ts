/** A graph of ONNX nodes under construction. Equal nodes and equal literals are made once; dead ones are not encoded. */
import { sizeOf } from '../../ops/arrays.ts';
import { encodeInfo, encodeModel, encodeNode, type Literal, type NodeProto } from './encoding.ts';
import { fuse } from './fuse.ts';
import { afterOperator, settleOrder, takenBy } from './order.ts';
import { type Attributes, absent, type ElementType, type Node, type Value } from './values.ts';

export interface EncodedGraph {
  /** A model that lacks its constants: they are appended (see constants.ts), or become inputs, some of them prepared. */
  bytes: Uint8Array;
  /** A model that makes values, which the other takes as inputs, of constants alone: it runs once for each version of them. */
  preparation?: Uint8Array;
  /** Names of the constants that it needs. */
  constants: string[];
  /** Names of constants and prepared values that the model lacks and that are built into it; none where it takes them as inputs. */
  built: string[];
  nodes: number;
  /** Values of the largest array that a run makes. */
  widest: number;
}

/** Values of constants that a graph multiplies by from which on it pays to give products a form of their own, and up to which it is possible. */
const [fewestMultiplied, mostBuilt] = [2 ** 18, 2 ** 28];

export const inputName = (name: string) => `input/${name}`;
export const constantName = (name: string) => `constant/${name}`;
export const outputName = (name: string) => `output/${name}`;

export class Graph {
  /** @param block channels that the runtime's own convolutions take at a time (see blocked.ts); 1 when it has none */
  constructor(readonly block: number = 1) {}

  private readonly nodes: Node[] = [];
  private readonly producers = new Map<Value, Node>();
  private readonly known = new Map<string, Value[]>();
  private readonly literals = new Map<string, Literal>();
  private readonly scalars = new Map<Value, number>();
  private readonly inputs: Value[] = [];
  private readonly constants = new Map<string, Value>();

  input(name: string, shape: readonly number[], type: ElementType): Value {
    const value = { name: inputName(name), shape, type };
    this.inputs.push(value);
    return value;
  }

  /** A value that is given when a session is made. */
  constant(name: string, shape: readonly number[], type: ElementType): Value {
    const value = { name: constantName(name), shape, type };
    this.constants.set(value.name, value);
    return value;
  }

  /** A value that belongs to the graph itself. */
  literal(data: number[], shape: readonly number[], type: ElementType): Value {
    const key = `${type}[${shape}]${data.map((value) => (Object.is(value, -0) ? '-0' : value)).join()}`;
    let literal = this.literals.get(key);
    if (literal === undefined) {
      literal = { value: { name: `literal/${this.literals.size}`, shape, type }, data };
      this.literals.set(key, literal);
      if (shape.length === 0) this.scalars.set(literal.value, data[0] as number);
    }
    return literal.value;
  }

  scalar(value: number, type: ElementType = 'float32'): Value {
    return this.literal([value], [], type);
  }

  /** The shape or axes operand that many operators take. */
  integers(values: readonly number[]): Value {
    return this.literal([...values], [values.length], 'int64');
  }

  /** The number that a value is, where it is a literal without axes. */
  scalarOf(value: Value): number | undefined {
    return this.scalars.get(value);
  }

  node(operator: string, inputs: Value[], shape: readonly number[], type: ElementType, attributes: Attributes = {}, domain = ''): Value {
    return this.nodeOfMany(operator, inputs, [{ shape, type }], attributes, domain)[0] as Value;
  }

  /** A node of several outputs. */
  nodeOfMany(
    operator: string,
    inputs: Value[],
    outputs: { shape: readonly number[]; type: ElementType }[],
    attributes: Attributes = {},
    domain = '',
  ): Value[] {
    const key = JSON.stringify([operator, domain, inputs.map(({ name }) => name), attributes, outputs.length]);
    let values = this.known.get(key);
    if (values === undefined) {
      values = outputs.map(({ shape, type }, index) => ({ name: `${operator}/${this.nodes.length}/${index}`, shape, type }));
      const node = { operator, domain, inputs, outputs: values, attributes };
      this.nodes.push(node);
      this.known.set(key, values);
      for (const value of values) this.producers.set(value, node);
    }
    return values;
  }

  /** The value, made after another of its shape where a run makes both. */
  after(value: Value, first: Value): Value {
    return this.node(afterOperator, [value, first], value.shape, value.type);
  }

  /** The node that a value comes from; inputs, constants and literals have none. */
  producerOf(value: Value): Node | undefined {
    return this.producers.get(value);
  }

  /** The nodes that the values need, in order. */
  private liveNodes(values: Value[]): Node[] {
    const needed = new Set(values);
    const live: Node[] = [];
    for (const node of [...this.nodes].reverse())
      if (node.outputs.some((output) => needed.has(output))) {
        live.push(node);
        for (const input of takenBy(node)) needed.add(input);
      }
    return live.reverse();
  }

  /** Of the nodes, in order, those that need nothing but constants and literals. */
  private fixedNodes(live: Node[]): Set<Node> {
    const fixed = new Set([absent, ...this.constants.values(), ...[...this.literals.values()].map(({ value }) => value)]);
    const isFixed = ({ inputs, outputs }: Node) => {
      if (!inputs.every((input) => fixed.has(input))) return false;
      for (const output of outputs) fixed.add(output);
      return true;
    };
    return new Set(live.filter(isFixed));
  }

  /** Names of outputs for the values that nodes make for them; an output that has none is a copy. */
  private namesOfResults(results: { name: string; value: Value }[], nodes: Node[]): Map<Value, string> {
    const made = new Set(nodes.flatMap(({ outputs }) => outputs));
    const names = new Map<Value, string>();
    for (const { name, value } of results) if (made.has(value) && !names.has(value)) names.set(value, name);
    return names;
  }

  /**
   * Serialises what the outputs need.
   * @param apart constants become inputs, and what depends on nothing else a model of its own
   * @param lasting they and what was prepared are built in instead, where much is multiplied by them
   */
  encode(outputs: Record<string, Value>, apart = false, lasting = false): EncodedGraph {
    const { nodes: ordered, standsFor, waiting } = settleOrder(this.liveNodes(Object.values(outputs)), apart);
    const results = Object.entries(outputs).map(([name, value]) => ({ name: outputName(name), value: standsFor(value) }));
    const live = fuse(
      ordered,
      results.map(({ value }) => value),
      (value) => this.scalarOf(value),
    );
    const before = apart ? this.fixedNodes(live) : new Set<Node>();
    const after = live.filter((node) => !before.has(node));
    const used = new Set([...results.map(({ value }) => value), ...after.flatMap(({ inputs }) => inputs)]);
    const prepared = [...before].flatMap((node) => node.outputs).filter((output) => used.has(output));
    const names = this.namesOfResults(results, after);
    const copies = results
      .filter(({ name, value }) => names.get(value) !== name)
      .map(({ name, value }) => ({ opType: 'Identity', input: [names.get(value) ?? value.name], output: [name] }));
    const taken = [...prepared, ...(apart ? [...this.constants.values()].filter((value) => used.has(value)) : [])];
    const built = apart && lasting && isWorthBuilding(after, taken) ? taken : [];
    const nodes = [...after.map((node) => encodeNode(node, names)), ...copies];
    const bytes = encodeModel(
      [...this.literals.values()],
      apart ? runInOrder(nodes) : nodes,
      [...this.inputs, ...(built.length > 0 ? [] : taken)].map(encodeInfo),
      results.map(({ name, value }) => encodeInfo({ ...value, name })),
      waiting.map((value) => encodeInfo(value)),
    );
    const needed = new Set([...used, ...[...before].flatMap(({ inputs }) => inputs)]);
    const constants = [...this.constants.values()].filter((value) => needed.has(value));
    const widest = Math.max(...after.flatMap(({ outputs: made }) => made.map(({ shape }) => sizeOf(shape))));
    const encoded = {
      bytes,
      constants: constants.map(({ name }) => name),
      built: built.map(({ name }) => name),
      nodes: live.length,
      widest,
    };
    if (prepared.length === 0) return encoded;
    const preparation = encodeModel(
      [...this.literals.values()],
      [...before].map((node) => encodeNode(node)),
      constants.map(encodeInfo),
      prepared.map(encodeInfo),
    );
    return { ...encoded, preparation };
  }
}

const valuesIn = (values: Value[]) => values.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

/** The runtime gives the second factor of a product a form of its own, once where it is built in and else in every run. */
function isWorthBuilding(nodes: Node[], taken: Value[]): boolean {
  const factors = new Set(nodes.flatMap(({ operator, inputs }) => (operator === 'Gemm' ? inputs.slice(1, 2) : [])));
  return valuesIn(taken.filter((value) => factors.has(value))) >= fewestMultiplied && valuesIn(taken) <= mostBuilt;
}

/**
 * Nodes as the runtime on a CPU runs them in this order, as far as it can: it goes back from the results to what they need, the last
 * written node first. What was made first, and is likeliest to be in the cache, is then used first.
 */
const runInOrder = (nodes: NodeProto[]): NodeProto[] => nodes.toReversed();
