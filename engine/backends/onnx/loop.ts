/**
 * A whole attack as one graph: the nodes of a step become the body of a loop that feeds outputs back as inputs, so that
 * values stay on the device from the first step to the last. What does not change from step to step is computed once,
 * before the loop.
 */
import onnxProto from 'onnx-proto';
import { inputName, outputName } from './graph.ts';
import type { TracedStep } from './trace.ts';

const { onnx } = onnxProto;

type Node = { opType?: string | null; input?: string[] | null; output?: string[] | null };
type Named = { name?: string | null };
type Info = Named & { type?: unknown };
interface Parts {
  node: Node[];
  input: Info[];
  output: Info[];
  initializer: Named[];
}

/** The input that says how often the step runs. */
export const timesName = 'times';

const carriedName = (name: string) => `carried/${name}`;
const nextName = (name: string) => `next/${name}`;
const bodyName = (name: string) => `body/${name}`;
const nameOf = ({ name }: Named) => name as string;

const { DataType } = onnx.TensorProto;
const scalarInfo = (name: string, elemType: number): Info => ({ name, type: { tensorType: { elemType, shape: { dim: [] } } } });

/** The nodes that change from step to step: those behind a carried input, and the copies that are carried on. */
function splitNodes(nodes: Node[], carried: Set<string>, fed: Set<string>): { before: Node[]; inside: Node[] } {
  const changing = new Set(carried);
  const isInside = ({ input, output }: Node) => {
    const inside = (input ?? []).some((name) => changing.has(name)) || (output ?? []).some((name) => fed.has(name));
    if (inside) for (const name of output ?? []) changing.add(name);
    return inside;
  };
  const inside = nodes.filter(isInside);
  const set = new Set(inside);
  return { before: nodes.filter((node) => !set.has(node)), inside };
}

/** Where the loop starts: a fed output with its input, another one with zeros, which nothing reads. */
function startOf(name: string, info: Info, inputs: Map<string, string>, parts: Parts): string {
  const fedTo = inputs.get(name);
  if (fedTo !== undefined) return fedTo;
  const { tensorType } = info.type as { tensorType: { elemType: number; shape: { dim: { dimValue: number }[] } } };
  const dims = tensorType.shape.dim.map(({ dimValue }) => Number(dimValue));
  const [shape, start] = [`start/${name}/shape`, `start/${name}`];
  parts.initializer.push({ name: shape, dataType: DataType.INT64, dims: [dims.length], int64Data: dims } as Named);
  const zero = { name: 'value', type: 4, t: { dims: [1], dataType: tensorType.elemType, floatData: [0], int32Data: [0] } };
  const value = tensorType.elemType === DataType.FLOAT ? { ...zero.t, int32Data: [] } : { ...zero.t, floatData: [] };
  parts.node.push({ opType: 'ConstantOfShape', input: [shape], output: [start], attribute: [{ ...zero, t: value }] } as Node);
  return start;
}

/**
 * The graph that runs the step `times` times, a number that becomes an input of the graph. Equal to running the step's
 * graph so often and handing each fed output to its input; outputs are those of the last run.
 * @param feed output name -> input name, each input at most once
 */
export function repeat(step: TracedStep, feed: Record<string, string>): TracedStep {
  const model = onnx.ModelProto.decode(step.bytes);
  const graph = model.graph as unknown as Parts;
  const inputs = new Map(Object.entries(feed).map(([output, input]) => [outputName(output), inputName(input)]));
  const { before, inside } = splitNodes(graph.node, new Set(inputs.values()), new Set(inputs.keys()));
  const made = new Set(inside.flatMap(({ output }) => output ?? []));
  const carried = graph.output.filter((info) => made.has(nameOf(info)));
  const literals = new Set(graph.initializer.map(nameOf));

  const outer: Parts = { node: [...before], input: [...graph.input], output: graph.output, initializer: [...graph.initializer] };
  const starts = carried.map((info) => startOf(nameOf(info), info, inputs, outer));
  const fedNames = new Set(inputs.values());
  const insideName = (name: string): string => {
    if (fedNames.has(name)) return carriedName(name);
    if (literals.has(name)) return bodyName(name);
    return made.has(name) ? nextName(name) : name;
  };
  const used = new Set(inside.flatMap(({ input }) => input ?? []));
  const body = {
    name: 'body',
    node: [
      ...inside.map((node) => ({ ...node, input: (node.input ?? []).map(insideName), output: (node.output ?? []).map(insideName) })),
      { opType: 'Identity', input: ['go on'], output: ['go on/next'] },
    ],
    input: [
      scalarInfo('iteration', DataType.INT64),
      scalarInfo('go on', DataType.BOOL),
      ...carried.map((info, index) => ({ ...info, name: carriedName(starts[index] as string) })),
    ],
    output: [scalarInfo('go on/next', DataType.BOOL), ...carried.map((info) => ({ ...info, name: nextName(nameOf(info)) }))],
    initializer: graph.initializer
      .filter((literal) => used.has(nameOf(literal)))
      .map((literal) => ({ ...literal, name: bodyName(nameOf(literal)) })),
  };
  const loop = {
    opType: 'Loop',
    input: [timesName, '', ...starts],
    output: carried.map(nameOf),
    attribute: [{ name: 'body', type: onnx.AttributeProto.AttributeType.GRAPH, g: body }],
  };
  const usedOutside = new Set(outer.node.flatMap(({ input }) => input ?? []));
  const whole = {
    name: 'steps',
    node: [...outer.node, loop],
    input: [...outer.input, scalarInfo(timesName, DataType.INT64)],
    output: outer.output,
    initializer: outer.initializer.filter((literal) => usedOutside.has(nameOf(literal))),
  };
  const { irVersion, opsetImport } = model;
  const bytes = onnx.ModelProto.encode({ irVersion, opsetImport, graph: whole as object }).finish();
  return { ...step, bytes, looped: true };
}
