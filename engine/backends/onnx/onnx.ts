import { EngineError } from '../../errors.ts';
import type { Backend, CompiledStep, CompileOptions, Step } from '../backend.ts';
import { hasProvider, loadCudaLibraries, runtimeVersion } from './cuda.mjs';
import { Sessions } from './sessions.ts';
import { OnnxStep } from './step.ts';

export interface OnnxOptions {
  /** Cores used on a CPU; results do not depend on it, up to rounding where a step is not split by images. A GPU is fed by one. */
  threads?: number;
  /** The CPU when absent. */
  kind?: Backend['kind'];
  /** Which of the GPUs of this kind, from 0. */
  index?: number;
  /**
   * Lets an NVIDIA GPU round the factors of products to 10 bits (TensorFloat-32): faster, and an approximation. Off when
   * absent. One choice for the whole process.
   */
  tf32?: boolean;
  /** Channels in a block of the runtime's convolutions, 1 to do without; found out when absent. GPUs have none. */
  block?: number;
  /** Where sessions write what ran where and for how long, when they are closed: the beginning of the files' names. */
  profile?: string;
}

/** At 0 NVIDIA's libraries never round, whatever a program asks for; other values mean nothing. The runtime's Node binding has no option. */
const tf32Variable = 'NVIDIA_TF32_OVERRIDE';

/** What the process chose when it first used an NVIDIA GPU. */
let chosenTf32: boolean | undefined;

function prepareCuda(tf32: boolean): void {
  if (chosenTf32 !== undefined && chosenTf32 !== tf32)
    throw new EngineError(`This process computes with TF32 ${chosenTf32 ? 'on' : 'off'}; a process cannot change that.`);
  if (!hasProvider())
    throw new EngineError("onnxruntime's CUDA provider is not installed.", 'npm run setup:cuda fetches it and says what else is missing.');
  if (tf32) delete process.env[tf32Variable];
  else process.env[tf32Variable] = '0';
  process.env.CUDA_DEVICE_ORDER ??= 'PCI_BUS_ID';
  const [missing] = loadCudaLibraries();
  if (missing !== undefined)
    throw new EngineError(`CUDA cannot start: ${missing.part}: ${missing.reason}.`, 'npm run setup:cuda says what to install.');
  chosenTf32 = tf32;
}

/** Steps traced into ONNX graphs that onnxruntime runs in worker threads. */
export class OnnxBackend implements Backend {
  readonly name = 'onnx';
  readonly kind: Backend['kind'];
  readonly threads: number;
  /** What computes and how, for a person. */
  readonly description: string;
  private readonly held: Sessions;

  /** Throws EngineError when what the kind of device needs is not there. */
  constructor({ threads = 1, kind = 'cpu', index = 0, tf32 = false, block, profile }: OnnxOptions = {}) {
    if (kind === 'cuda') prepareCuda(tf32);
    this.kind = kind;
    this.threads = kind === 'cpu' ? threads : 1;
    const place = { cpu: `${threads} threads`, cuda: `CUDA GPU ${index}, TF32 ${tf32 ? 'on' : 'off'}`, webgpu: `WebGPU ${index}` };
    this.description = `onnxruntime ${runtimeVersion()}, ${place[kind]}`;
    this.held = new Sessions({ threads: this.threads, kind, index, profile }, kind === 'cpu' ? block : 1);
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
