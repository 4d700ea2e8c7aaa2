/** ONNX's serialised form: models, their nodes and the values that they name. */
import onnxProto from 'onnx-proto';
import { type Attribute, blockedDomain, type ElementType, type Node, type Value } from './values.ts';

const { onnx } = onnxProto;
const { DataType } = onnx.TensorProto;

/** A value that belongs to a graph itself. */
export interface Literal {
  value: Value;
  data: number[];
}

/** Operators up to this version of the ONNX set are used. */
const operatorSet = 18;
const intermediateRepresentation = 8;

const elementTypes = { float32: DataType.FLOAT, int32: DataType.INT32, int64: DataType.INT64, bool: DataType.BOOL };
export const elementTypeCode = (type: ElementType): number => elementTypes[type];

/**
 * @param literals those that a node takes become initialisers
 * @param valueInfo of values whose shape the runtime would not know before it runs
 */
export function encodeModel(
  literals: readonly Literal[],
  nodes: NodeProto[],
  inputs: InfoProto[],
  outputs: InfoProto[],
  valueInfo: InfoProto[] = [],
): Uint8Array {
  const used = new Set(nodes.flatMap(({ input }) => input));
  const initializer = literals.filter(({ value }) => used.has(value.name)).map(encodeLiteral);
  const graph = { name: 'step', node: nodes, input: inputs, output: outputs, initializer, valueInfo };
  const opsetImport = [
    { domain: '', version: operatorSet },
    { domain: 'com.microsoft', version: 1 },
    { domain: blockedDomain, version: 1 },
  ];
  return onnx.ModelProto.encode({ irVersion: intermediateRepresentation, opsetImport, graph }).finish();
}

export type NodeProto = Pick<ReturnType<typeof encodeNode>, 'opType' | 'input' | 'output'>;
type InfoProto = ReturnType<typeof encodeInfo>;

export function encodeNode({ operator, domain, inputs, outputs, attributes }: Node, names = new Map<Value, string>()) {
  const nameOf = (value: Value) => names.get(value) ?? value.name;
  return {
    opType: operator,
    domain,
    input: inputs.map(nameOf),
    output: outputs.map(nameOf),
    attribute: Object.entries(attributes).map(([name, value]) => encodeAttribute(name, value)),
  };
}

function encodeAttribute(name: string, value: Attribute) {
  const { AttributeType } = onnx.AttributeProto;
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: value };
  if (typeof value === 'string') return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if (Array.isArray(value)) return { name, type: AttributeType.INTS, ints: value };
  return { name, type: AttributeType.FLOAT, f: value.float };
}

export function encodeInfo({ name, shape, type }: Value) {
  return {
    name,
    type: { tensorType: { elemType: elementTypes[type], shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
  };
}

function encodeLiteral({ value: { name, shape, type }, data }: Literal) {
  const common = { name, dataType: elementTypes[type], dims: [...shape] };
  if (type === 'float32') return { ...common, floatData: data };
  return type === 'int64' ? { ...common, int64Data: data } : { ...common, int32Data: data };
}
