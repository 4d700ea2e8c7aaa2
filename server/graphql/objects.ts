/** The objects that several files refer to; each is given its fields in the file of its noun. */
import type { DatasetListing } from '../services/networks.ts';
import type {
  CheckpointRecord,
  DeviceRecord,
  EvaluationRecord,
  MissingDeviceRecord,
  MrcScoreRecord,
  ProjectRecord,
  RunRecord,
  StudyRecord,
  SweepPointRecord,
  SweepRecord,
  TokenRecord,
  UserRecord,
} from '../services/records.ts';
import { builder } from './builder.ts';

export const User = builder.objectRef<UserRecord>('User');
export const ApiToken = builder.objectRef<TokenRecord>('ApiToken');
export const Project = builder.objectRef<ProjectRecord>('Project');
export const Run = builder.objectRef<RunRecord>('Run');
export const Checkpoint = builder.objectRef<CheckpointRecord>('Checkpoint');
export const MrcScore = builder.objectRef<MrcScoreRecord & { rank: number }>('MrcScore');
export const Sweep = builder.objectRef<SweepRecord>('InterpolationSweep');
export const SweepPoint = builder.objectRef<SweepPointRecord>('SweepPoint');
export const Evaluation = builder.objectRef<EvaluationRecord>('Evaluation');
export const Study = builder.objectRef<StudyRecord>('Study');
export const Device = builder.objectRef<DeviceRecord>('Device');
export const MissingDevice = builder.objectRef<MissingDeviceRecord>('MissingDevice');
export const Dataset = builder.objectRef<DatasetListing>('Dataset');
