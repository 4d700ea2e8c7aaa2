/** What a worker and the engine's process say to each other. Weights and resume states travel as files, never as messages. */

import type {
  CriticalityConfig,
  FineTuneConfig,
  InterpolationConfig,
  MeasureConfig,
  SelectionProtocol,
  TrainingConfig,
} from '../../engine/config.ts';
import type { BackendChoice, Normalisation, Taken } from '../../engine/index.ts';
import type { EvaluationResult, LogLevel, MetricPoint, MrcScore, Progress, SweepPoint } from '../../engine/recorder.ts';
import type { Model, Provenance, Slice } from '../../engine/stages.ts';

/** A model whose weights lie in a safetensors file. checkpoint: its id. */
export type ModelFile = Omit<Model, 'weights'> & { weightsFile: string; checkpoint: number; variant: string | null };

export type StageWork =
  | {
      name: 'TRAINING';
      training: TrainingConfig;
      measure: MeasureConfig;
      protocol: SelectionProtocol;
      resumeFile?: string;
    }
  | {
      name: 'CRITICALITY';
      model: ModelFile;
      criticality: CriticalityConfig;
      least?: number;
      protocol: SelectionProtocol;
      done: MrcScore[];
    }
  | {
      name: 'FINE_TUNE';
      model: ModelFile;
      fineTune: FineTuneConfig;
      scores: MrcScore[];
      protocol: SelectionProtocol;
      measure: MeasureConfig;
      trainImages?: number;
      resumeFile?: string;
    }
  | {
      name: 'INTERPOLATION';
      base: ModelFile;
      tuned: ModelFile;
      /** Merged with tuned. */
      merge: ModelFile[];
      interpolation: InterpolationConfig;
      measure: MeasureConfig;
      protocol: SelectionProtocol;
      done: SweepPoint[];
    }
  | {
      name: 'EVALUATION';
      measure: MeasureConfig;
      /** Measured one after the other; done: fingerprints of what is recorded already; taken: by slice, of a stage that was cut. */
      parts: { model: ModelFile; done: string[]; taken?: Taken[] }[];
      protocol: SelectionProtocol;
    };

export interface StageJob {
  /** A folder of its own for files that go between the two processes. */
  scratch: string;
  datasetsFolder: string;
  /** The one that all its images are of. */
  dataset: string;
  backend: BackendChoice;
  /** How often batches are halved from the start, because memory ran out before; 0 at first. */
  halvings: number;
  seed: number;
  work: StageWork;
  /** The part of the work to do; all of it when absent. */
  slice?: Slice;
}

/** What a stage yields beyond its records; a slice of an evaluation what it took of each of its parts. */
export type StageOutcome =
  | { name: 'SLICE'; taken?: Taken[] }
  | { name: 'TRAINING'; weightsFile: string; provenance: Provenance; normalisation: Normalisation }
  | { name: 'CRITICALITY' }
  | { name: 'FINE_TUNE'; weightsFile: string; provenance: Provenance }
  | { name: 'INTERPOLATION'; weightsFile: string; selected: SweepPoint; provenance: Provenance }
  | { name: 'EVALUATION' };

/** Something that the engine recorded. The process waits until it is kept. */
export type RecordedEvent =
  | { type: 'metrics'; points: MetricPoint[] }
  | { type: 'line'; text: string; level: LogLevel; at: Date }
  | { type: 'mrcScore'; score: MrcScore }
  | { type: 'sweepPoint'; point: SweepPoint }
  | { type: 'evaluation'; checkpoint: number; result: EvaluationResult }
  | { type: 'setting'; key: string; value: number }
  | { type: 'resumeState'; file: string };

export type ToEngine = { type: 'start'; job: StageJob } | { type: 'kept'; id: number; problem?: string } | { type: 'cancel' };

export type FromEngine =
  | { type: 'ready' }
  | { type: 'progress'; progress: Progress }
  | { type: 'recorded'; id: number; event: RecordedEvent }
  | { type: 'finished'; outcome: StageOutcome }
  /**
   * expected: the engine says what the person can do about it; otherwise details has the place in the code. resumable: the cause lies
   * outside the settings. lost: the device is.
   */
  | { type: 'failed'; message: string; hint?: string; details?: string; expected: boolean; resumable?: boolean; lost?: boolean };
