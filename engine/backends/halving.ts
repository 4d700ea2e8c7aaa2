/**
 * Lets work go on when memory runs out: a call that does not fit runs again in two halves, one after the other, and so on. What
 * fitted is remembered, so that later calls of the step do not try in vain.
 */
import type { Backend, CompiledStep, CompileOptions, HostArrays, Rows, RunOptions, Step } from './backend.ts';
import { isOutOfMemory } from './faults.ts';
import { cutInputs, imagesOf, Joined } from './parts.ts';

export interface Halved {
  /** Name of the step. */
  step: string;
  /** Images of the call that did not fit, and of the next tries. */
  from: number;
  to: number;
  /** False where results are not those of the whole batch: its statistics are taken over fewer images. */
  exact: boolean;
}

/** Statistics of fewer images than these are not worth going on with. */
const leastForStatistics = 8;

const leastOf = ({ exact }: Rows) => (exact ? 1 : leastForStatistics);

class HalvingStep implements CompiledStep {
  private most = Number.POSITIVE_INFINITY;
  private constants: HostArrays;
  private inner: CompiledStep;
  private readonly running = new Set<Promise<unknown>>();
  private fresh: Promise<void> | undefined;

  constructor(
    private readonly name: string,
    private readonly compile: (constants: HostArrays) => CompiledStep,
    { constants = {} }: CompileOptions,
    private readonly rows: (inputs: HostArrays) => Rows | undefined,
    private readonly tell: (halved: Halved) => void,
    private readonly halvings: number,
  ) {
    this.constants = constants;
    this.inner = compile(constants);
  }

  async run(inputs: HostArrays, options: RunOptions = {}): Promise<HostArrays> {
    const rows = this.rows(inputs);
    const count = rows && imagesOf(inputs, rows);
    if (rows === undefined || count === undefined) return this.once(inputs, options);
    if (this.most === Number.POSITIVE_INFINITY && this.halvings > 0) this.shrink(count, Math.ceil(count / 2 ** this.halvings), rows);
    return this.fitting(inputs, options, rows, count);
  }

  async setConstants(constants: HostArrays): Promise<void> {
    if (this.fresh) await this.fresh;
    await this.inner.setConstants(constants);
    this.constants = { ...this.constants, ...constants };
  }

  async dispose(): Promise<void> {
    if (this.fresh) await this.fresh;
    await this.inner.dispose();
  }

  private async fitting(inputs: HostArrays, options: RunOptions, rows: Rows, count: number): Promise<HostArrays> {
    if (count > this.most) {
      const parts = cutInputs(inputs, rows, count, this.most);
      const joined = new Joined(count, rows);
      for (const part of parts) {
        const images = imagesOf(part, rows) as number;
        joined.add(await this.fitting(part, options, rows, images), images);
      }
      return joined.outputs;
    }
    try {
      return await this.once(inputs, options);
    } catch (error) {
      const half = Math.ceil(count / 2);
      if (!isOutOfMemory(error) || half < leastOf(rows) || half === count) throw error;
      this.shrink(count, half, rows);
      await this.renew();
      return this.fitting(inputs, options, rows, count);
    }
  }

  private shrink(from: number, to: number, rows: Rows): void {
    if (to >= Math.min(from, this.most) || to < leastOf(rows)) return;
    this.most = to;
    this.tell({ step: this.name, from, to, exact: rows.exact });
  }

  private async once(inputs: HostArrays, options: RunOptions): Promise<HostArrays> {
    if (this.fresh) await this.fresh;
    const call = this.inner.run(inputs, options);
    this.running.add(call);
    try {
      return await call;
    } finally {
      this.running.delete(call);
    }
  }

  /** Compiles anew once no call is under way: what was made for the large batch would keep its memory. */
  private renew(): Promise<void> {
    this.fresh ??= (async () => {
      await Promise.allSettled(this.running);
      await this.inner.dispose();
      this.inner = this.compile(this.constants);
      this.fresh = undefined;
    })();
    return this.fresh;
  }
}

const everyRow = (inputs: HostArrays): Rows => ({ inputs: Object.keys(inputs), outputs: () => 'rows', exact: true });

/**
 * The backend, whose steps run in smaller batches where memory does not suffice; tell is called when that begins.
 * halvings: how often batches are halved from the start, after a process that the system ended for its memory.
 */
export function halving(backend: Backend, tell: (halved: Halved) => void, halvings = 0): Backend {
  return {
    name: backend.name,
    kind: backend.kind,
    threads: backend.threads,
    get sessions() {
      return backend.sessions;
    },
    compile(name: string, step: Step, options: CompileOptions) {
      const rows = options.parallelism === 'images' ? everyRow : () => options.rows;
      return new HalvingStep(name, (constants) => backend.compile(name, step, { ...options, constants }), options, rows, tell, halvings);
    },
    dispose: () => backend.dispose(),
  };
}
