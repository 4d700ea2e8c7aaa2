import type { Backend, CompiledStep, CompileOptions, Step } from '../backend.ts';
import { Sessions } from './sessions.ts';
import { OnnxStep } from './step.ts';

/** Steps traced into ONNX graphs that onnxruntime runs in worker threads. */
export class OnnxBackend implements Backend {
  readonly name = 'onnx';
  readonly kind = 'cpu';
  private readonly held: Sessions;

  /**
   * @param threads cores used; results do not depend on it, up to rounding where a step is not split by images
   * @param block channels in a block of the runtime's convolutions, 1 to do without; found out when absent
   */
  constructor(
    readonly threads: number,
    block?: number,
  ) {
    this.held = new Sessions(threads, block);
  }

  get sessions(): number {
    return this.held.count;
  }

  compile(name: string, step: Step, options: CompileOptions): CompiledStep {
    return new OnnxStep(name, step, options, this.held);
  }

  async dispose(): Promise<void> {
    await this.held.stop();
  }
}
