/** What a backend offers: steps written once in tfjs operations, compiled for one kind of device. */
import type { Tensor } from '@tensorflow/tfjs-core';

/** A value outside any device, row-major. */
export interface HostArray {
  shape: number[];
  dtype: 'float32' | 'int32';
  data: Float32Array | Int32Array;
}

export type HostArrays = Record<string, HostArray>;
export type Tensors = Record<string, Tensor>;

/** A pure function of tensors of fixed shapes: no side effects, no data read back, no randomness. */
export type Step = (inputs: Tensors) => Tensors;

/**
 * How calls use several cores.
 * images: every input and output has one row an image and rows are independent; rows are split over single-threaded sessions.
 * calls: a call stays on one single-threaded session; concurrent calls run side by side.
 * threads: one call uses all cores (needed where rows depend on each other, as with batch statistics).
 */
export type Parallelism = 'images' | 'calls' | 'threads';

/** How a call may be cut by images where memory does not suffice for all of them. */
export interface Rows {
  /** Inputs with one row an image. */
  inputs: readonly string[];
  /** What an output is: one row an image, a sum over images, or a mean over images. */
  outputs(name: string): 'rows' | 'sum' | 'mean';
  /** False where rows depend on each other, as with batch statistics: the parts then give other numbers than the whole. */
  exact: boolean;
}

export interface CompileOptions {
  parallelism: Parallelism;
  /** Known for images; for the others a call that does not fit in memory fails when this is absent. */
  rows?: Rows;
  /**
   * Values that stay for many calls; the step sees them among its inputs, and they are built into what runs.
   * Constants that the step does not read are allowed and cost nothing.
   */
  constants?: HostArrays;
  /**
   * The constants stay for many runs, as those of an attack that measures. A CPU's runtime may then multiply by a form of them that it
   * makes once: new constants cost more, and last digits are others than without, though the same in every run, call and thread.
   */
  lasting?: boolean;
}

export interface RunOptions {
  /** Runs the step this often, feeding outputs back as inputs (output name -> input name) between runs; default 1. */
  times?: number;
  feed?: Record<string, string>;
  /** Outputs may be put into the memory of the inputs that they are fed to: the caller needs those no more. */
  inPlace?: boolean;
}

export interface CompiledStep {
  /**
   * Traced once per combination of input shapes. Throws EngineError when an input that the step reads is missing, when
   * one is given that it does not read, or when a feed names an output or input that is not there or of another shape.
   * The arrays of the inputs stay the caller's and are not changed, unless `inPlace` allows it.
   */
  run(inputs: HostArrays, options?: RunOptions): Promise<HostArrays>;
  /**
   * New values for constants given to compile, of the same shapes, for every later run; names left out keep theirs.
   * The traced graph stays, so this costs much less than compiling anew: use it for weights that change once per attack.
   */
  setConstants(constants: HostArrays): Promise<void>;
  /** Frees sessions and constants; later runs throw. */
  dispose(): Promise<void>;
}

export interface Backend {
  readonly name: 'onnx' | 'tensorflow' | 'cpu';
  readonly kind: 'cpu' | 'cuda' | 'webgpu';
  /** Cores used. */
  readonly threads: number;
  compile(name: string, step: Step, options: CompileOptions): CompiledStep;
  /** Live sessions, for leak checks. */
  readonly sessions: number;
  dispose(): Promise<void>;
}
