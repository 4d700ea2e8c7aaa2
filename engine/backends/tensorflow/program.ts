/** A step as a list of TensorFlow operations, in the order in which they run. */
import * as tf from '@tensorflow/tfjs-core';

export type ElementType = 'float32' | 'int32' | 'bool';

/** What an operation, an input or a constant gives; it is known by its identity. */
export interface Value {
  readonly shape: readonly number[];
  readonly type: ElementType;
}

/** An attribute of an operation, by the kind that the operation declares. */
export type Attribute = { type: ElementType } | { int: number | number[] } | { float: number } | { bool: boolean } | { text: string };
export type Attributes = Record<string, Attribute>;

export interface Operation {
  operator: string;
  attributes: Attributes;
  inputs: readonly Value[];
  outputs: readonly Value[];
}

export interface Literal {
  data: Float32Array | Int32Array | Uint8Array;
  value: Value;
}

export const arrayTypes = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** Literals of so many entries are stored; more equal ones are filled in when they are needed. */
const storedEntries = 1024;

/** The type that an operation works on, under the name that most operations have for it. */
export const typeOf = (value: Pick<Value, 'type'>, name = 'T'): Attributes => ({ [name]: { type: value.type } });

export class Program {
  readonly operations: Operation[] = [];
  readonly inputs = new Map<string, Value>();
  readonly constants = new Map<string, Value>();
  private readonly stored = new Map<string, Literal>();
  private readonly made = new Map<string, Value[]>();
  private readonly numbers = new Map<Value, number>();

  /** Every literal that was asked for. */
  get literals(): Literal[] {
    return [...this.stored.values()];
  }

  input(name: string, shape: readonly number[], type: ElementType): Value {
    return named(this.inputs, name, shape, type);
  }

  constant(name: string, shape: readonly number[], type: ElementType): Value {
    return named(this.constants, name, shape, type);
  }

  /** Values known when the program is made; equal ones are one. */
  literal(numbers: ArrayLike<number>, shape: readonly number[], type: ElementType): Value {
    const data = arrayTypes[type].from(Array.from(numbers));
    const key = `${type} [${shape}] ${data.join()}`;
    let entry = this.stored.get(key);
    if (!entry) {
      entry = { data, value: { shape: [...shape], type } };
      this.stored.set(key, entry);
    }
    return entry.value;
  }

  /** int32 [length]: shapes, axes and the like. */
  integers(numbers: readonly number[]): Value {
    return this.literal(numbers, [numbers.length], 'int32');
  }

  scalar(number: number, type: ElementType = 'float32'): Value {
    return this.literal([number], [], type);
  }

  /** A tensor of equal entries. */
  filled(shape: readonly number[], number: number, type: ElementType): Value {
    const size = tf.util.sizeFromShape([...shape]);
    if (size <= storedEntries) return this.literal(new Array(size).fill(number), shape, type);
    const operands = [this.integers(shape), this.scalar(number, type)];
    return this.add('Fill', operands, { shape, type }, { ...typeOf({ type }), index_type: { type: 'int32' } });
  }

  /** Appends an operation of one result. */
  add(operator: string, inputs: readonly Value[], output: Value, attributes: Attributes = {}): Value {
    return this.addOfMany(operator, inputs, [output], attributes)[0] as Value;
  }

  /** Appends an operation; where the same one of the same inputs is there, its results serve again. */
  addOfMany(operator: string, inputs: readonly Value[], outputs: readonly Value[], attributes: Attributes = {}): Value[] {
    const key = `${operator} ${inputs.map((value) => this.numberOf(value))} ${JSON.stringify(attributes)}`;
    const before = this.made.get(key);
    if (before) return before;
    const values = outputs.map(({ shape, type }) => ({ shape: [...shape], type }));
    this.operations.push({ operator, attributes, inputs, outputs: values });
    this.made.set(key, values);
    return values;
  }

  private numberOf(value: Value): number {
    const number = this.numbers.get(value) ?? this.numbers.size;
    this.numbers.set(value, number);
    return number;
  }
}

function named(values: Map<string, Value>, name: string, shape: readonly number[], type: ElementType): Value {
  const value = { shape: [...shape], type };
  values.set(name, value);
  return value;
}
