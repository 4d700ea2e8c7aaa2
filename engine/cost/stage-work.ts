/** What the stages of an experiment cost before any of them has begun, in multiply-adds. */
import { looksOf, passesOf } from '../attacks/attacks.ts';
import { type ChosenAttack, type Experiment, type MeasureConfig, measureOf, type StageName, sectionOf } from '../config.ts';
import { cellsOf } from '../corruptions/suites.ts';
import { findDataset } from '../data/catalogue.ts';
import type { Dataset } from '../data/dataset.ts';
import { selectionSplit, splitCount } from '../data/splits.ts';
import { type Planned, planMeasurements } from '../evaluation/measurement.ts';
import { measurementPasses } from '../evaluation/meter.ts';
import { probesOf } from '../evaluation/probes.ts';
import type { NetworkForm } from '../models/form.ts';
import { sweepAlphas } from '../rift/interpolation.ts';
import { isChosenByRobust, type ObjectiveConfig } from '../training/objective.ts';
import { trainingVariants } from '../training/variants/variants.ts';
import { type ModuleWork, type NetworkWork, networkWork } from './network-work.ts';

/** An experiment as far as its cost depends on it. */
export interface Plan extends NetworkForm {
  stages: readonly StageName[];
  trainedHere: boolean;
  experiment: Experiment;
  /** Training images of the fine-tuning; all when absent. */
  trainImages?: number;
  /** Checkpoints that the evaluation stage measures. */
  evaluated: number;
}

export interface StageWork {
  name: StageName;
  work: number;
}

/**
 * How much longer a training step takes than its work says: batch statistics need the whole batch in one call, which leaves
 * cores waiting. Measured on ResNet-8 and ResNet18 against their attack steps.
 */
const trainingSlowdown = 1.5;

/** Of an attack's steps, those that are taken where images leave it as soon as they are fooled: about this share for robust networks. */
const stepsTaken = 0.6;

/** Of the steps of an attack on images that a like one fooled: most are fooled in the first few again. */
const soonFooled = 0.1;

interface Costs {
  plan: Plan;
  measure: MeasureConfig;
  dataset: Dataset;
  network: NetworkWork;
}

const least = (wanted: number | undefined, there: number) => Math.min(wanted ?? there, there);

/** Images of the split that choices are made on. */
function selectionImages({ plan: { experiment, trainedHere }, dataset }: Costs, wanted: number | undefined): number {
  const { protocol } = experiment;
  return least(wanted, splitCount(dataset, { split: selectionSplit(protocol), protocol, trainedHere }));
}

/** Work of a measurement of one image. */
function measurement({ network, measure }: Costs, adversarial: boolean): number {
  if (!adversarial) return network.forward;
  const share = measure.rule === 'ANY_STEP' ? stepsTaken : 1;
  return network.forward + share * (measurementPasses(measure, true) - 1) * network.attackStep;
}

/** Work of an attack on one image that takes all of its passes. */
function attackWork({ network }: Costs, attack: ChosenAttack): number {
  return (passesOf(attack) - looksOf(attack)) * network.attackStep + looksOf(attack) * network.forward;
}

/** Work of a measurement under attack, with the probes of what the attack is worth. */
function plannedWork(costs: Costs, { attack, measurement: { rule } }: Planned, images: number): number {
  if (!attack) return 0;
  const share = rule === 'LAST_STEP' ? 1 : stepsTaken;
  const shareOf = { ALL: share, SURVIVORS: stepsTaken / 2, FOOLED: rule === 'LAST_STEP' ? 1 : soonFooled };
  const probes = probesOf(attack, images).map((probe) => probe.images * shareOf[probe.only ?? 'ALL'] * attackWork(costs, probe.attack));
  return images * share * attackWork(costs, attack) + probes.reduce((sum, work) => sum + work, 0);
}

/** Work of an optimiser step for one image; gradient: of one pass that the weights' gradients are taken through. */
function stepWork({ variant, attack }: ObjectiveConfig, network: NetworkWork, gradient: number): number {
  const { attack: split = 0, wholeAttack = 0, training, forward = 0 } = trainingVariants[variant].passes(attack);
  return (split + trainingSlowdown * wholeAttack) * network.attackStep + forward * network.forward + training * gradient;
}

function trainingWork(costs: Costs): number {
  const { plan, dataset, network, measure } = costs;
  const { protocol } = plan.experiment;
  const training = sectionOf(plan.experiment, 'training');
  const images = least(training.trainImages, splitCount(dataset, { split: 'train', protocol, trainedHere: true }));
  const step = stepWork(training, network, trainingSlowdown * network.trainingStep);
  return training.epochs * (images * step + selectionImages(costs, measure.images) * measurement(costs, isChosenByRobust(training)));
}

/** Epochs that a search for the least scores goes on with, for each that it must: 22 of 100 were taken where 19 must be. */
const followedInVain = 1.3;

/** Of all epochs of ascent, those that are taken: one of every module, and all of the modules that are chosen. */
function shareOfEpochs({ plan: { experiment } }: Costs, modules: number): number {
  const { iterations, until } = sectionOf(experiment, 'criticality');
  if (until === 'ALL') return 1;
  const chosen = experiment.fineTune?.k ?? 1;
  return Math.min(1, (modules + followedInVain * chosen * (iterations - 1)) / (modules * iterations));
}

function criticalityWork(costs: Costs): number {
  const { plan, network } = costs;
  const criticality = sectionOf(plan.experiment, 'criticality');
  const images = selectionImages(costs, criticality.images);
  // The loss after an epoch is that of its batches but the first, whose next step gives it anyway.
  const measuredAgain = Math.max(0, 1 - criticality.batchSize / images);
  const modules = network.modules.filter(({ name }) => criticality.modules?.includes(name) ?? true);
  const ascent = modules.reduce((sum, { gradient, loss }) => sum + gradient + measuredAgain * loss, 0);
  const epochs = criticality.iterations * shareOfEpochs(costs, modules.length);
  return images * (criticality.attack.steps * network.attackStep + 2 * network.forward + epochs * ascent);
}

/** The module whose gradient costs most of those that will be trained; where scores decide, the one to expect. */
function trainedModule({ plan: { experiment }, network: { modules } }: Costs): ModuleWork {
  const fineTune = sectionOf(experiment, 'fineTune');
  const byCost = modules.toSorted((a, b) => b.gradientFromImage - a.gradientFromImage);
  const named = byCost.filter(({ name }) => fineTune.modules?.includes(name));
  const expected = (count: number) => byCost[Math.min(byCost.length - 1, Math.floor(byCost.length / (count + 1)))];
  const found = {
    ALL: byCost[0],
    LAST: modules.at(-1),
    NAMED: named[0],
    TOP_K: expected(fineTune.k ?? 1),
    NON_ROBUST_CRITICAL: expected(1),
    ROBUST_CRITICAL: expected(1),
  }[fineTune.select];
  return found ?? (byCost[0] as ModuleWork);
}

function fineTuneWork(costs: Costs): number {
  const { plan, dataset, network, measure } = costs;
  const { experiment, trainedHere } = plan;
  const { protocol } = experiment;
  const fineTune = sectionOf(experiment, 'fineTune');
  const images = least(plan.trainImages, splitCount(dataset, { split: 'train', protocol, trainedHere }));
  const module = trainedModule(costs);
  const fromInputs = fineTune.variant === 'STANDARD' && fineTune.batchNorm === 'FROZEN' && !dataset.augmentation;
  const gradient = fineTune.select === 'ALL' ? network.trainingStep : fromInputs ? module.gradient : module.gradientFromImage;
  const objective = { ...fineTune, attack: fineTune.attack ?? measure.attack };
  const step = stepWork(objective, network, fineTune.batchNorm === 'UPDATE' ? trainingSlowdown * gradient : gradient);
  return fineTune.epochs * (images * step + selectionImages(costs, measure.images) * measurement(costs, isChosenByRobust(fineTune)));
}

/** Points that are attacked where only the selected one is wanted: alpha 0, that one, and one in vain. */
const fewPoints = 3;

function interpolationWork(costs: Costs): number {
  const { alphas, ood, until } = sectionOf(costs.plan.experiment, 'interpolation');
  const corrupted = ood ? cellsOf(costs.measure).length * costs.network.forward : 0;
  const points = sweepAlphas(alphas).length;
  const attacked = until === 'SELECTED' ? Math.min(points, fewPoints) : points;
  const attacks = attacked * (measurement(costs, true) - measurement(costs, false));
  return selectionImages(costs, costs.measure.images) * (points * (measurement(costs, false) + corrupted) + attacks);
}

function evaluationWork(costs: Costs): number {
  const { plan, dataset, measure } = costs;
  const { experiment, trainedHere, evaluated } = plan;
  const { protocol } = experiment;
  const images = least(measure.images, splitCount(dataset, { split: 'test', protocol, trainedHere }));
  const corrupted = measure.suites.includes('OOD') ? cellsOf(measure).length : 0;
  const attacked = planMeasurements(measure).reduce((sum, planned) => sum + plannedWork(costs, planned, images), 0);
  return evaluated * ((1 + corrupted) * images * costs.network.forward + attacked);
}

const works: Record<StageName, (costs: Costs) => number> = {
  TRAINING: trainingWork,
  CRITICALITY: criticalityWork,
  FINE_TUNE: fineTuneWork,
  INTERPOLATION: interpolationWork,
  EVALUATION: evaluationWork,
};

/** The work of every stage, in order. Networks that were met before take no time; others up to a few seconds. */
export async function workOfStages(plan: Plan): Promise<StageWork[]> {
  const dataset = findDataset(plan.experiment.dataset);
  const costs = { plan, measure: measureOf(plan.experiment), dataset, network: await networkWork(plan, dataset) };
  return plan.stages.map((name) => ({ name, work: works[name](costs) }));
}

/** Seconds that a stage takes beside its work: a process, reading images, tracing. */
const stageSeconds = 2;

/** What a device's speed is measured with; see engine/devices/speed.ts. */
const measuredWith = { shape: [32, 32, 3] as const, classes: 10, normalisation: undefined };

/** Multiply-adds a second of a device of this speed: images a second of an attack step of ResNet18. */
async function workPerSecond(imagesPerSecond: number): Promise<number> {
  return imagesPerSecond * (await networkWork({ architecture: 'RESNET18' }, measuredWith)).attackStep;
}

/** Seconds that a device of this speed takes for each stage. */
export async function secondsOfStages(
  works: readonly StageWork[],
  imagesPerSecond: number,
): Promise<{ name: StageName; seconds: number }[]> {
  const speed = await workPerSecond(imagesPerSecond);
  return works.map(({ name, work }) => ({ name, seconds: stageSeconds + work / speed }));
}
