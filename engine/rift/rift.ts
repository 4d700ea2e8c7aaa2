/**
 * RiFT, robust critical fine-tuning (Zhu et al., ICCV 2023): Algorithm 1 from an adversarially trained network to the one
 * that generalises better and is as robust. The names in brackets are the paper's.
 * A worker does the same by the functions in engine/stages, one step a task; a test holds both together bit for bit.
 */
import type { Backend } from '../backends/backend.ts';
import type { CriticalityConfig, FineTuneConfig, InterpolationConfig, MeasureConfig } from '../config.ts';
import type { Dataset } from '../data/dataset.ts';
import type { ImageSet } from '../data/splits.ts';
import { modulesOf } from '../models/modules.ts';
import type { Network } from '../models/network.ts';
import type { MrcScore, Recorder, SweepPoint } from '../recorder.ts';
import type { Best } from '../training/state.ts';
import type { Watch } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';
import { scoreModules } from './criticality.ts';
import { adversarialExamples } from './examples.ts';
import { fineTuneModules } from './fine-tune.ts';
import { selectedWeights, sweep, sweepAlphas } from './interpolation.ts';
import { leastModules } from './least.ts';
import { sweepUntilSelected } from './selected-sweep.ts';
import { selectModules } from './selection.ts';

export interface RiftWork {
  backend: Backend;
  network: Network;
  /** [theta_AT] */
  base: Weights;
  /** Clean training images [D_std], and how they are augmented. */
  train: ImageSet;
  augmentation: Dataset['augmentation'];
  /** Images that module, epoch and alpha are chosen on. */
  selection: ImageSet;
  criticality: CriticalityConfig;
  fineTune: FineTuneConfig;
  interpolation: InterpolationConfig;
  measure: MeasureConfig;
  seed: number;
  recorder: Recorder;
  watch: Watch;
}

export interface RiftResult {
  scores: MrcScore[];
  modules: string[];
  tuned: Weights;
  points: SweepPoint[];
  selected: SweepPoint;
  weights: Weights;
}

export async function rift(work: RiftWork): Promise<RiftResult> {
  const { backend, network, base, recorder, watch, seed } = work;

  // Step 1, lines 1 to 9: adversarial examples of theta_AT, once; then the module robust criticality of every module on them.
  const examples = await adversarialExamples({
    backend,
    network,
    weights: base,
    set: work.selection,
    attack: work.criticality.attack,
    batchSize: work.criticality.batchSize,
    seed,
    watch,
  });
  const ascents = { backend, network, weights: base, examples, config: work.criticality, watch };
  const scored = (score: MrcScore) => recorder.mrcScore(score);
  const count = work.fineTune.k ?? 1;
  const scores =
    work.criticality.until === 'LEAST'
      ? await leastModules(ascents, modulesOf(network), { count, known: [] }, scored)
      : await scoreModules(ascents, modulesOf(network), scored);

  // Step 2: fine-tune the module of least criticality on clean images, everything else frozen [theta_FT].
  const modules = selectModules(network, work.fineTune, scores);
  const state = { epoch: 0, step: 0, weights: base, velocity: {} };
  const { best } = await fineTuneModules({ ...work, config: work.fineTune, modules }, state);
  const tuned = (best as Best).weights;

  // Step 3: the point of the line from theta_AT to theta_FT that generalises best without losing robustness [alpha*].
  const way = { ...work, tuned, alphas: sweepAlphas(work.interpolation.alphas), set: work.selection, done: [], corrupted: [] };
  const pointed = (point: SweepPoint) => recorder.sweepPoint(point);
  const { until, tolerance } = work.interpolation;
  const points = until === 'SELECTED' ? await sweepUntilSelected(way, tolerance, pointed) : await sweep(way, pointed);
  return { scores, modules, tuned, points, ...selectedWeights(base, tuned, points, work.interpolation.tolerance) };
}
