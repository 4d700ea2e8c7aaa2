/** A program on the device. */
import type { HostArray, HostArrays } from '../backend.ts';
import { type Binding, download, nativeAttributes, upload, uploadLiteral } from './native.ts';
import type { Instruction, Plan } from './plan.ts';
import { typeOf, type Value } from './program.ts';

/** Milliseconds after which a run lets timers and messages through. */
const longestBlock = 20;

export interface Call {
  inputs: HostArrays;
  times: number;
  feed: Record<string, string>;
  /** Throws when the run has to end. */
  check(): void;
}

type Prepared = Omit<Instruction, 'attributes'> & { attributes: ReturnType<typeof nativeAttributes> };

const prepare = (instructions: Instruction[]): Prepared[] =>
  instructions.map((instruction) => ({ ...instruction, attributes: nativeAttributes(instruction.attributes) }));

/** Handles by position, each freed once. */
class Handles {
  private readonly ids = new Map<number, number>();

  constructor(private readonly binding: Binding) {}

  get(position: number): number {
    return this.ids.get(position) as number;
  }
  has(position: number): boolean {
    return this.ids.has(position);
  }
  set(position: number, id: number): void {
    this.free(position);
    this.ids.set(position, id);
  }
  free(position: number): void {
    const id = this.ids.get(position);
    this.ids.delete(position);
    if (id !== undefined) this.binding.deleteTensor(id);
  }
  clear(): void {
    for (const position of [...this.ids.keys()]) this.free(position);
  }
}

export class Session {
  private readonly lasting: Handles;
  private readonly fixed: Prepared[];
  private readonly repeated: Prepared[];
  private constants: HostArrays | undefined;
  private began = 0;

  constructor(
    private readonly binding: Binding,
    private readonly plan: Plan,
  ) {
    this.lasting = new Handles(binding);
    this.fixed = prepare(plan.fixed);
    this.repeated = prepare(plan.repeated);
  }

  /** One call; never while another one is under way. Throws what TensorFlow says, and holds nothing of a call that failed. */
  async run(constants: HostArrays, call: Call): Promise<HostArrays> {
    this.began = performance.now();
    if (this.constants !== constants) await this.load(constants, call);
    const handles = new Handles(this.binding);
    try {
      for (const [name, at] of this.plan.inputs) handles.set(at, upload(this.binding, call.inputs[name] as HostArray));
      for (let done = 1; ; done += 1) {
        await this.execute(this.repeated, handles, call);
        if (done === call.times) return this.results(handles);
        this.feed(handles, call.feed);
      }
    } finally {
      handles.clear();
    }
  }

  dispose(): void {
    this.constants = undefined;
    this.lasting.clear();
  }

  /** Brings new constants to the device, and computes what depends on them alone. */
  private async load(constants: HostArrays, call: Call): Promise<void> {
    this.dispose();
    try {
      await this.place(constants, call);
    } catch (error) {
      this.dispose();
      throw error;
    }
    this.constants = constants;
  }

  private async place(constants: HostArrays, call: Call): Promise<void> {
    for (const { at, literal } of this.plan.literals) this.lasting.set(at, uploadLiteral(this.binding, literal));
    for (const [name, at] of this.plan.constants) this.lasting.set(at, upload(this.binding, constants[name] as HostArray));
    await this.execute(this.fixed, this.lasting, call);
  }

  private async execute(instructions: Prepared[], handles: Handles, call: Call): Promise<void> {
    for (const { operator, attributes, inputs, outputs, ended } of instructions) {
      const ids = inputs.map((at) => this.idOf(handles, at));
      const results = this.binding.executeOp(operator, attributes, ids, outputs.length);
      for (const [index, { id }] of results.entries()) handles.set(outputs[index] as number, id);
      for (const at of ended) handles.free(at);
      if (performance.now() - this.began > longestBlock) await this.breathe(call);
    }
  }

  private async breathe(call: Call): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    call.check();
    this.began = performance.now();
  }

  /** Outputs become inputs; the other outputs of this round are not wanted. */
  private feed(handles: Handles, feed: Record<string, string>): void {
    const fed = Object.entries(feed).flatMap(([output, input]) => {
      const to = this.plan.inputs.get(input);
      const { at, value } = this.plan.outputs.get(output) as { at: number; value: Value };
      return to === undefined ? [] : [[to, this.same(this.idOf(handles, at), value)] as const];
    });
    for (const [to, id] of fed) handles.set(to, id);
    const inputs = new Set(this.plan.inputs.values());
    for (const { at } of this.plan.outputs.values()) if (!inputs.has(at)) handles.free(at);
  }

  /** Another handle of the same values. */
  private same(id: number, value: Value): number {
    return this.binding.executeOp('Identity', nativeAttributes(typeOf(value)), [id], 1)[0]?.id as number;
  }

  private idOf(handles: Handles, at: number): number {
    return (handles.has(at) ? handles : this.lasting).get(at);
  }

  private results(handles: Handles): HostArrays {
    const entries = [...this.plan.outputs];
    return Object.fromEntries(entries.map(([name, { at, value }]) => [name, download(this.binding, this.idOf(handles, at), value.shape)]));
  }
}
