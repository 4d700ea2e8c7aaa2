/** What a worker calls: one function a stage. Each takes what it needs as values and reports through the recorder. */
import type { Backend } from './backends/backend.ts';
import type { CriticalityConfig, FineTuneConfig, InterpolationConfig, MeasureConfig, SelectionProtocol, TrainingConfig } from './config.ts';
import type { Taken } from './evaluation/taken.ts';
import type { NetworkForm } from './models/form.ts';
import type { MrcScore, Recorder, SweepPoint } from './recorder.ts';
import type { Weights } from './weights/weights.ts';

export interface StageContext {
  backend: Backend;
  /** Folder that holds cifar-10-batches-bin and the like; MNIST needs none. */
  datasetsFolder: string;
  recorder: Recorder;
  /** Aborted when the run is cancelled: the stage stops within a second and rejects with the signal's reason. */
  signal: AbortSignal;
  seed: number;
}

/** A network as a stage takes it. trainedHere: its training left the holdout split out. */
export interface Model extends NetworkForm {
  dataset: string;
  weights: Weights;
  trainedHere: boolean;
}

/** One of `of` parts of a stage, counted from 0. What a slice records are records of the stage; only the whole stage has an outcome. */
export interface Slice {
  index: number;
  of: number;
}

/** Which images new weights come from: those that trained them, and the split that chose their epoch, modules or alpha. */
export interface Provenance {
  /** `mnist train[0:2000]`; absent where nothing was trained. */
  trainedOn?: string;
  /** `holdout`, `holdout half of test` or `test`. */
  chosenOn: string;
}

export interface TrainingRequest {
  training: TrainingConfig;
  /** HOLD_OUT keeps the epoch that is best on holdout, PAPER the one that is best on test. */
  protocol: SelectionProtocol;
  /** Measured after every epoch to choose it. */
  measure: MeasureConfig;
  resumeState?: Uint8Array;
}
export interface TrainingOutcome {
  weights: Weights;
  epoch: number;
  provenance: Provenance;
}

export interface CriticalityRequest {
  model: Model;
  criticality: CriticalityConfig;
  /** How many modules of least score are wanted, where that is the goal; 1 when absent. */
  least?: number;
  protocol: SelectionProtocol;
  /** Scores that are recorded already, and lower bounds; not computed again without need. */
  done: MrcScore[];
  /** The part of the modules to score; all when absent. */
  slice?: Slice;
}

export interface FineTuneRequest {
  model: Model;
  fineTune: FineTuneConfig;
  /** All scores of the model, where the selection needs them. */
  scores: MrcScore[];
  protocol: SelectionProtocol;
  measure: MeasureConfig;
  /** Training images used; all when absent. */
  trainImages?: number;
  resumeState?: Uint8Array;
}
export interface FineTuneOutcome {
  weights: Weights;
  /** Modules that were trained, in network order. */
  modules: string[];
  epoch: number;
  provenance: Provenance;
}

export interface InterpolationRequest {
  base: Model;
  tuned: Weights;
  /** More weights of the base, tuned elsewhere, that are merged with these; what is swept is what they give together. */
  merge?: readonly Weights[];
  interpolation: InterpolationConfig;
  measure: MeasureConfig;
  protocol: SelectionProtocol;
  /** Points that are recorded already; not measured again. */
  done: SweepPoint[];
  /** The part of the points to measure; all when absent. */
  slice?: Slice;
}
export interface InterpolationOutcome {
  points: SweepPoint[];
  /** The point of highest standard accuracy whose robust accuracy is within the tolerance of alpha 0, and its weights. */
  selected: SweepPoint;
  weights: Weights;
  provenance: Provenance;
}

export interface EvaluationRequest {
  model: Model;
  measure: MeasureConfig;
  protocol: SelectionProtocol;
  /** Fingerprints of the measurements that an earlier execution of this stage has recorded. */
  done?: readonly string[];
  /** The part of the images to measure; all when absent. */
  slice?: Slice;
  /** What the slices have measured, in order, where the stage was cut. */
  taken?: readonly Taken[];
  /** The weights that the model's were made from: points that fool them are tried on the model too. */
  base?: Weights;
}
