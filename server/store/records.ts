/** Rows as the rest of the server sees them: plain values, no Prisma. */
export type { MissingDeviceRecord } from './devices.ts';
export type {
  ApiToken as TokenRecord,
  Checkpoint as CheckpointRecord,
  Device as DeviceRecord,
  Evaluation as EvaluationRecord,
  InterpolationSweep as SweepRecord,
  LogLine as LineRecord,
  MrcScore as MrcScoreRecord,
  Project as ProjectRecord,
  Run as RunRecord,
  RunParam as ParamRecord,
  RunTag as TagRecord,
  Stage as StageRecord,
  Study as StudyRecord,
  StudyRun as StudyRunRecord,
  SweepPoint as SweepPointRecord,
  Upload as UploadRecord,
  User as UserRecord,
} from './generated/client.ts';

/** What a checkpoint is to a run. */
export interface RunCheckpointRecord {
  runId: number;
  checkpointId: number;
  role: 'INPUT' | 'OUTPUT';
  label: string;
}

export type Role = 'VIEWER' | 'MEMBER' | 'ADMIN';
export type RunKind = 'TRAINING' | 'RIFT' | 'CRITICALITY' | 'FINE_TUNE' | 'INTERPOLATION' | 'EVALUATION' | 'EXTERNAL';
export type RunState = 'QUEUED' | 'RUNNING' | 'FINISHED' | 'FAILED' | 'CANCELLED';

/** A page of a list, and what leads to the next one. */
export interface Page<Item> {
  items: Item[];
  /** Marks each item's place; same order as items. */
  cursors: string[];
  hasNextPage: boolean;
  hasPreviousPage: boolean;
}
