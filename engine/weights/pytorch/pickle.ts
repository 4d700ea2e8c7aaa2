/**
 * Reads Python's pickles without running anything: a fixed list of instructions, and a fixed list of names (constructors.ts) that
 * build plain values. Every other name is refused where it is mentioned, before anything is done with it.
 */
import { EngineError } from '../../errors.ts';
import { findConstructor } from './constructors.ts';
import { damaged } from './source.ts';
import { Opaque, type PickleObject, type PickleValue } from './values.ts';

/** Instructions of one pickle; a checkpoint of a thousand tensors has about fifty thousand. */
const mostInstructions = 5_000_000;

/** Where the bytes come from, read on in order. */
export interface PickleInput {
  /** A copy of the next bytes. */
  take(length: number): Uint8Array;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const mark = Symbol('mark');
type Stacked = PickleValue | typeof mark;

/** persistent: what a persistent id stands for. Throws EngineError for anything that is not a pickle of plain values and tensors. */
export function readPickle(input: PickleInput, persistent: (id: PickleValue) => PickleObject): PickleValue {
  return new Machine(input, persistent).run();
}

class Machine {
  private readonly stack: Stacked[] = [];
  private readonly memo = new Map<number, PickleValue>();

  constructor(
    private readonly input: PickleInput,
    private readonly persistent: (id: PickleValue) => PickleObject,
  ) {}

  run(): PickleValue {
    for (let count = 0; count < mostInstructions; count++) {
      const code = this.byte();
      if (code === 0x2e) {
        const result = this.pop();
        if (this.stack.length > 0) throw damaged('its pickle ends with values left over');
        return result;
      }
      const instruction = instructions[code];
      if (!instruction)
        throw damaged(`its pickle has the instruction 0x${code.toString(16).padStart(2, '0')}, which checkpoints do not use`);
      instruction(this);
    }
    throw damaged(`its pickle has more than ${mostInstructions} instructions`);
  }

  take(length: number): Uint8Array {
    return this.input.take(length);
  }

  byte(): number {
    return this.take(1)[0] as number;
  }

  view(length: number): DataView {
    const bytes = this.take(length);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  uint32(): number {
    return this.view(4).getUint32(0, true);
  }

  uint64(): number {
    const length = this.view(8).getBigUint64(0, true);
    if (length > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged(`its pickle has a value of ${length} bytes`);
    return Number(length);
  }

  text(length: number): string {
    try {
      return utf8.decode(this.take(length));
    } catch (error) {
      if (error instanceof EngineError) throw error;
      throw damaged('its pickle has text that is not UTF-8');
    }
  }

  line(): string {
    const bytes: number[] = [];
    for (let byte = this.byte(); byte !== 0x0a; byte = this.byte()) {
      if (bytes.length >= 1000) throw damaged('its pickle has a line of more than 1,000 characters');
      bytes.push(byte);
    }
    return String.fromCharCode(...bytes);
  }

  push(value: Stacked): void {
    this.stack.push(value);
  }

  pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined || value === mark) throw damaged('its pickle takes a value that is not there');
    return value;
  }

  top(): PickleValue {
    const value = this.pop();
    this.stack.push(value);
    return value;
  }

  /** The values above the last mark, in order; the mark goes too. */
  sinceMark(): PickleValue[] {
    const at = this.stack.lastIndexOf(mark);
    if (at < 0) throw damaged('its pickle has no mark');
    const values = this.stack.splice(at + 1) as PickleValue[];
    this.stack.pop();
    return values;
  }

  remember(index: number): void {
    this.memo.set(index, this.top());
  }

  rememberNext(): void {
    this.remember(this.memo.size);
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw damaged(`its pickle recalls value ${index}, which it never kept`);
    this.push(value);
  }

  list(): PickleValue[] {
    const value = this.top();
    if (!Array.isArray(value)) throw damaged('its pickle appends to something that is no list');
    return value;
  }

  setItems(items: PickleValue[]): void {
    const target = this.top();
    if (target instanceof Opaque) return;
    if (!(target instanceof Map) || items.length % 2 !== 0) throw damaged('its pickle puts keys into something that is no dict');
    for (let index = 0; index < items.length; index += 2) target.set(items[index] as PickleValue, items[index + 1] as PickleValue);
  }

  constructorNamed(module: PickleValue, name: PickleValue): void {
    this.push(findConstructor(`${String(module)}.${String(name)}`));
  }

  construct(): void {
    const args = this.pop();
    const make = this.pop();
    if (typeof make !== 'function' || !Array.isArray(args)) throw damaged('its pickle calls something that is no constructor');
    this.push(make(args));
  }

  load(): void {
    this.push(this.persistent(this.pop()));
  }

  integer(length: number): number | bigint {
    if (length > 64) throw damaged(`its pickle has a number of ${length} bytes`);
    const bytes = this.take(length);
    const unsigned = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    const signed = length > 0 && (bytes[length - 1] as number) > 0x7f ? unsigned - (1n << BigInt(8 * length)) : unsigned;
    const number = Number(signed);
    return Number.isSafeInteger(number) ? number : signed;
  }
}

/** Python's instructions by their code, as its module pickletools names them. */
const instructions: Record<number, (machine: Machine) => void> = {
  40: (machine) => machine.push(mark), // MARK
  48: (machine) => void machine.pop(), // POP
  49: (machine) => void machine.sinceMark(), // POP_MARK
  50: (machine) => machine.push(machine.top()), // DUP
  128: (machine) => void machine.byte(), // PROTO
  149: (machine) => void machine.uint64(), // FRAME
  78: (machine) => machine.push(null), // NONE
  136: (machine) => machine.push(true), // NEWTRUE
  137: (machine) => machine.push(false), // NEWFALSE
  74: (machine) => machine.push(machine.view(4).getInt32(0, true)), // BININT
  75: (machine) => machine.push(machine.byte()), // BININT1
  77: (machine) => machine.push(machine.view(2).getUint16(0, true)), // BININT2
  138: (machine) => machine.push(machine.integer(machine.byte())), // LONG1
  71: (machine) => machine.push(machine.view(8).getFloat64(0)), // BINFLOAT
  88: (machine) => machine.push(machine.text(machine.uint32())), // BINUNICODE
  140: (machine) => machine.push(machine.text(machine.byte())), // SHORT_BINUNICODE
  141: (machine) => machine.push(machine.text(machine.uint64())), // BINUNICODE8
  85: (machine) => machine.push(machine.text(machine.byte())), // SHORT_BINSTRING
  84: (machine) => machine.push(machine.text(machine.uint32())), // BINSTRING
  66: (machine) => machine.push(machine.take(machine.uint32())), // BINBYTES
  67: (machine) => machine.push(machine.take(machine.byte())), // SHORT_BINBYTES
  41: (machine) => machine.push([]), // EMPTY_TUPLE
  93: (machine) => machine.push([]), // EMPTY_LIST
  125: (machine) => machine.push(new Map()), // EMPTY_DICT
  143: (machine) => machine.push([]), // EMPTY_SET
  133: (machine) => machine.push([machine.pop()]), // TUPLE1
  134: (machine) => machine.push([machine.pop(), machine.pop()].reverse()), // TUPLE2
  135: (machine) => machine.push([machine.pop(), machine.pop(), machine.pop()].reverse()), // TUPLE3
  116: (machine) => machine.push(machine.sinceMark()), // TUPLE
  108: (machine) => machine.push(machine.sinceMark()), // LIST
  97: (machine) => append(machine, [machine.pop()]), // APPEND
  101: (machine) => append(machine, machine.sinceMark()), // APPENDS
  144: (machine) => append(machine, machine.sinceMark()), // ADDITEMS
  115: (machine) => machine.setItems([machine.pop(), machine.pop()].reverse()), // SETITEM
  117: (machine) => machine.setItems(machine.sinceMark()), // SETITEMS
  113: (machine) => machine.remember(machine.byte()), // BINPUT
  114: (machine) => machine.remember(machine.uint32()), // LONG_BINPUT
  148: (machine) => machine.rememberNext(), // MEMOIZE
  104: (machine) => machine.recall(machine.byte()), // BINGET
  106: (machine) => machine.recall(machine.uint32()), // LONG_BINGET
  99: (machine) => machine.constructorNamed(machine.line(), machine.line()), // GLOBAL
  147: (machine) => machine.constructorNamed(...([machine.pop(), machine.pop()].reverse() as [PickleValue, PickleValue])), // STACK_GLOBAL
  82: (machine) => machine.construct(), // REDUCE
  129: (machine) => machine.construct(), // NEWOBJ
  98: (machine) => void machine.pop(), // BUILD: attributes, such as a state dict's _metadata, are not read
  81: (machine) => machine.load(), // BINPERSID
};

function append(machine: Machine, values: PickleValue[]): void {
  const list = machine.list();
  for (const value of values) list.push(value);
}
