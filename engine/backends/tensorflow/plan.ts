/** What of a program runs when: operations that nothing needs are left out, those of constants alone run once per version. */
import type { Attributes, Literal, Operation, Program, Value } from './program.ts';

export interface Instruction {
  operator: string;
  attributes: Attributes;
  /** Positions of values. */
  inputs: number[];
  outputs: number[];
  /** Values that nothing needs after this instruction. */
  ended: number[];
}

export interface Plan {
  literals: { at: number; literal: Literal }[];
  /** Positions of inputs and constants by name; only those that something needs. */
  inputs: Map<string, number>;
  constants: Map<string, number>;
  outputs: Map<string, { at: number; value: Value }>;
  /** Run when the constants change; what later instructions need of them stays until then. */
  fixed: Instruction[];
  /** Run every time. */
  repeated: Instruction[];
}

/** The operations that outputs depend on, in order. */
function needed(program: Program, outputs: Iterable<Value>): { operations: Operation[]; values: Set<Value> } {
  const values = new Set(outputs);
  const operations = program.operations.toReversed();
  const kept = operations.filter((operation) => {
    const isNeeded = operation.outputs.some((value) => values.has(value));
    if (isNeeded) for (const value of operation.inputs) values.add(value);
    return isNeeded;
  });
  return { operations: kept.reverse(), values };
}

/** Filled tensors are made when they are needed, as they may be large; what comes of constants is kept. */
const isKept = ({ operator }: Operation) => operator !== 'Fill';

export function planOf(program: Program, outputs: Map<string, Value>): Plan {
  const { operations, values } = needed(program, outputs.values());
  const positions = new Map<Value, number>();
  const at = (value: Value): number => {
    const position = positions.get(value) ?? positions.size;
    positions.set(value, position);
    return position;
  };
  const known = new Set<Value>([...program.constants.values(), ...program.literals.map(({ value }) => value)]);
  const isFixed = (operation: Operation) => isKept(operation) && operation.inputs.every((value) => known.has(value));
  const fixed: Operation[] = [];
  const repeated: Operation[] = [];
  for (const operation of operations) {
    if (isFixed(operation)) for (const value of operation.outputs) known.add(value);
    (isFixed(operation) ? fixed : repeated).push(operation);
  }
  const used = (named: Map<string, Value>) =>
    new Map([...named].filter(([, value]) => values.has(value)).map(([name, value]) => [name, at(value)]));
  const literals = program.literals.filter(({ value }) => values.has(value)).map((literal) => ({ at: at(literal.value), literal }));
  const lasting = new Set([...known, ...program.inputs.values(), ...outputs.values()]);
  const later = new Set([
    ...repeated.flatMap(({ inputs }) => [...inputs]),
    ...outputs.values(),
    ...program.literals.map(({ value }) => value),
  ]);
  return {
    literals,
    inputs: used(program.inputs),
    constants: used(program.constants),
    outputs: new Map([...outputs].map(([name, value]) => [name, { at: at(value), value }])),
    fixed: instructions(fixed, at, later),
    repeated: instructions(repeated, at, lasting),
  };
}

/** The operations with the places where values end; `lasting` ones do not. */
function instructions(operations: Operation[], at: (value: Value) => number, lasting: Set<Value>): Instruction[] {
  const seen = new Set(lasting);
  const backwards = operations.toReversed().map(({ operator, attributes, inputs, outputs }) => {
    const ended = [...new Set([...inputs, ...outputs])].filter((value) => !seen.has(value));
    for (const value of ended) seen.add(value);
    return { operator, attributes, inputs: inputs.map(at), outputs: outputs.map(at), ended: ended.map(at) };
  });
  return backwards.reverse();
}
