/** What others may import of the engine, besides its configuration, recorder, errors and stage types. */
export { chooseBackend } from './backends/choose.ts';
export { type DatasetListing, findDataset, listDatasets } from './data/catalogue.ts';
export type { Dataset } from './data/dataset.ts';
export { wilsonInterval } from './evaluation/wilson.ts';
export { checkModelWeights, modules, parametersOfArchitecture } from './models/describe.ts';
export type { NetworkModule } from './models/modules.ts';
export { selectPoint } from './rift/interpolation.ts';
export { measureCriticality } from './stages/criticality.ts';
export { runEvaluation } from './stages/evaluation.ts';
export { runFineTune } from './stages/fine-tune.ts';
export { measureInterpolation } from './stages/interpolation.ts';
export { runTraining } from './stages/training.ts';
export type * from './stages.ts';
export { applyDifference, difference, modulesOfEntries } from './weights/difference.ts';
export { norm } from './weights/norm.ts';
export { readWeights, writeWeights } from './weights/state-dict.ts';
export type { Weights } from './weights/weights.ts';
