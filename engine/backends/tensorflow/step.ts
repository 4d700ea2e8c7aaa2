import { EngineError } from '../../errors.ts';
import { checkArrays, checkConstants, checkFeed, checkRun, describe } from '../arguments.ts';
import type { CompiledStep, CompileOptions, HostArray, HostArrays, RunOptions, Step } from '../backend.ts';
import { faultOf } from '../faults.ts';
import { countRows, joinRows, rowsOfCall, takeRows } from '../rows.ts';
import type { Binding } from './native.ts';
import { planOf } from './plan.ts';
import { Session } from './session.ts';
import { type Specifications, specificationOf, trace } from './trace.ts';

/** Programs kept of one step; the one unused for longest goes when there are more combinations of shapes. */
const programLimit = 8;

/** What steps have of their backend. */
export interface Owner {
  readonly binding: Binding;
  readonly disposed: boolean;
  /** Runs work after all that was handed in before: the library's threads serve one run at a time. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}

interface Compiled {
  session: Session;
  outputs: Specifications;
}

const signature = (inputs: HostArrays) =>
  Object.keys(inputs)
    .sort()
    .map((name) => `${name} ${describe(inputs[name] as HostArray)}`)
    .join('; ');

/** A step on the tensorflow backend: one session for each combination of input shapes. */
export class TensorflowStep implements CompiledStep {
  private readonly compiled = new Map<string, Compiled>();
  private readonly isOfImages: boolean;
  private constants: HostArrays;
  private disposed = false;

  constructor(
    private readonly name: string,
    private readonly step: Step,
    { constants = {}, parallelism }: CompileOptions,
    private readonly owner: Owner,
  ) {
    checkArrays(name, constants);
    this.isOfImages = parallelism === 'images';
    this.constants = { ...constants };
  }

  get sessions(): number {
    return this.compiled.size;
  }

  async run(inputs: HostArrays, options: RunOptions = {}): Promise<HostArrays> {
    this.checkAlive();
    checkRun(this.name, inputs, this.constants, options);
    return this.isOfImages ? this.runFilled(inputs, options) : this.runAll(inputs, options);
  }

  /** Rows are filled up, so that batches of many sizes share few programs. */
  private async runFilled(inputs: HostArrays, options: RunOptions): Promise<HostArrays> {
    const rows = countRows(this.name, inputs);
    const filled = rowsOfCall(rows);
    if (filled <= rows) return this.runAll(inputs, options);
    const taken = Object.fromEntries(Object.entries(inputs).map(([name, array]) => [name, takeRows(array, 0, filled)]));
    return joinRows([await this.runAll(taken, options)], rows);
  }

  private async runAll(inputs: HostArrays, { times = 1, feed = {} }: RunOptions): Promise<HostArrays> {
    const { constants } = this;
    return this.owner.inTurn(async () => {
      this.checkAlive();
      const { session, outputs } = this.compiledFor(inputs);
      checkFeed(this.name, inputs, outputs, feed);
      try {
        return await session.run(constants, { inputs, times, feed, check: () => this.checkAlive() });
      } catch (error) {
        throw error instanceof EngineError ? error : faultOf(this.name, messageOf(error as Error));
      }
    });
  }

  async setConstants(constants: HostArrays): Promise<void> {
    this.checkAlive();
    checkConstants(this.name, this.constants, constants);
    this.constants = { ...this.constants, ...constants };
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    await this.owner.inTurn(async () => {
      for (const { session } of this.compiled.values()) session.dispose();
      this.compiled.clear();
      this.constants = {};
    });
  }

  private compiledFor(inputs: HostArrays): Compiled {
    const key = signature(inputs);
    let compiled = this.compiled.get(key);
    this.compiled.delete(key);
    compiled ??= this.compile(inputs);
    this.compiled.set(key, compiled);
    const oldest = this.compiled.entries().next().value;
    if (this.compiled.size > programLimit && oldest) {
      this.compiled.delete(oldest[0]);
      oldest[1].session.dispose();
    }
    return compiled;
  }

  private compile(inputs: HostArrays): Compiled {
    const { program, outputs } = trace(this.name, this.step, inputs, this.constants);
    const specifications = [...outputs].map(([name, value]) => [name, specificationOf(value)]);
    return { session: new Session(this.owner.binding, planOf(program, outputs)), outputs: Object.fromEntries(specifications) };
  }

  private checkAlive(): void {
    if (this.disposed || this.owner.disposed) throw new EngineError(`${this.name}: this step has been disposed.`);
  }
}

/** TensorFlow's own words, without the binding's frame around them. */
const messageOf = ({ message }: Error) => message.replace(/^Invalid TF_Status: \d+\s*Message: /, '');
