/** The records that services return. */

export type {
  MetricPointRecord,
  MetricSummaryRecord,
  SeriesPointRecord,
  SeriesRecord,
  Special,
  SpecialSpanRecord,
} from '../store/metrics.ts';
export type { MissingKey } from '../store/missing-keys.ts';
export type {
  CheckpointRecord,
  DeviceRecord,
  EvaluationRecord,
  LineRecord,
  MissingDeviceRecord,
  MrcScoreRecord,
  Page,
  ParamRecord,
  ProjectRecord,
  Role,
  RunCheckpointRecord,
  RunKind,
  RunRecord,
  RunState,
  StageRecord,
  StudyRecord,
  StudyRunRecord,
  SweepPointRecord,
  SweepRecord,
  TagRecord,
  TokenRecord,
  UploadRecord,
  UserRecord,
} from '../store/records.ts';
export type { RunFieldRecord } from '../store/run-fields.ts';
