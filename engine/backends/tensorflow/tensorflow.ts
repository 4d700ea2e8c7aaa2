import type { Backend, CompiledStep, CompileOptions, Step } from '../backend.ts';
import { loadBinding, type Settings } from './load.ts';
import type { Binding } from './native.ts';
import { type Owner, TensorflowStep } from './step.ts';

/**
 * Steps traced into lists of operations that libtensorflow runs, one after the other, on one device.
 * A process has one device and one number of threads: those of its first backend.
 */
export class TensorflowBackend implements Backend, Owner {
  readonly name = 'tensorflow';
  readonly kind: 'cpu' | 'cuda';
  readonly threads: number;
  readonly binding: Binding;
  disposed = false;
  private readonly steps = new Set<TensorflowStep>();
  private last: Promise<unknown> = Promise.resolve();

  /** Throws EngineError, saying what to do, when TensorFlow is not set up or the device is not there. */
  constructor(settings: Settings) {
    const { binding, threads } = loadBinding(settings);
    this.kind = settings.kind;
    this.threads = threads;
    this.binding = binding;
  }

  get sessions(): number {
    return [...this.steps].reduce((sum, { sessions }) => sum + sessions, 0);
  }

  compile(name: string, step: Step, options: CompileOptions): CompiledStep {
    const compiled = new TensorflowStep(name, step, options, this);
    this.steps.add(compiled);
    return compiled;
  }

  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return turn;
  }

  /** Frees everything; a run under way ends with an error. */
  async dispose(): Promise<void> {
    this.disposed = true;
    await Promise.all([...this.steps].map((step) => step.dispose()));
    this.steps.clear();
  }
}
