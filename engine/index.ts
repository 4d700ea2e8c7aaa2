/** What others may import of the engine, besides its configuration, recorder, errors and stage types. */
export { type BackendChoice, chooseBackend } from './backends/choose.ts';
export { type EngineDevice, labelOf, type MissingDevice } from './backends/devices.ts';
export { isOutOfMemory } from './backends/faults.ts';
export { type Halved, halving } from './backends/halving.ts';
export { corruptionListOf } from './corruptions/suites.ts';
export { type Plan, type StageWork, secondsOfStages, workOfStages, workPerSecond } from './cost/stage-work.ts';
export { type DatasetListing, datasets, findDataset, listDatasets, openDatasets } from './data/catalogue.ts';
export type { Content, Dataset } from './data/dataset.ts';
export { selectionSplit, splitContent, splitCount, splitPositions } from './data/splits.ts';
export { type CheckedDevice, checkDevice, findDevices } from './devices/check.ts';
export { cpuDevice } from './devices/cpu-device.ts';
export { meanAccuracy, metricOf, ofSuite, type SuiteMetric, suiteMetrics } from './evaluation/measurement.ts';
export {
  type PairedDifference,
  type PairedDifference,
  pairedDifference,
  pairedDifference,
  pairedDifferenceOver,
} from './evaluation/paired.ts';
export { corruptionSourcesOf } from './evaluation/protocol.ts';
export { wilsonInterval } from './evaluation/wilson.ts';
export { type Imported, importFile } from './imports/import-file.ts';
export type { Found } from './imports/messages.ts';
export { type ArchitectureOptions, architectureNames, architectureOf, checkOptions } from './models/architectures.ts';
export { modules } from './models/describe.ts';
export { type NetworkForm, normalisationOf } from './models/form.ts';
export type { Normalisation } from './models/input.ts';
export type { NetworkModule } from './models/modules.ts';
export { OptionsError } from './models/options-error.ts';
export { selectPoint } from './rift/interpolation.ts';
export { measureCriticality } from './stages/criticality.ts';
export { runEvaluation } from './stages/evaluation.ts';
export { runFineTune } from './stages/fine-tune.ts';
export { measureInterpolation, measurePoints } from './stages/interpolation.ts';
export { runTraining } from './stages/training.ts';
export type * from './stages.ts';
export { aboutTraining, type CheckpointAbout, trainingOfFile, writeCheckpoint } from './weights/checkpoint-file.ts';
export { readWeights, writeWeights } from './weights/state-dict.ts';
export type { Weights } from './weights/weights.ts';
