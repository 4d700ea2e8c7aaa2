import type { InterpolationConfig, MeasureConfig } from '../config.ts';
import { type CorruptionCell, cellsOf } from '../corruptions/suites.ts';
import { findDataset } from '../data/catalogue.ts';
import { corruptedSet } from '../data/corrupted-set.ts';
import { inMemoryWhereItFits, mostBytesInMemory } from '../data/pixels.ts';
import type { ImageSet } from '../data/splits.ts';
import { measurementPasses } from '../evaluation/meter.ts';
import type { Network } from '../models/network.ts';
import type { SweepPoint } from '../recorder.ts';
import { selectedWeights, sweep, sweepAlphas } from '../rift/interpolation.ts';
import { sweepUntilSelected } from '../rift/selected-sweep.ts';
import type { InterpolationOutcome, InterpolationRequest, StageContext } from '../stages.ts';
import { checkWeights } from '../weights/initial.ts';
import { mergeWeights, ownersOf } from '../weights/merge.ts';
import type { Weights } from '../weights/weights.ts';
import { percent, prepareModel, readSelection } from './prepare.ts';
import { shareOf } from './slice.ts';
import { watched } from './stage-watch.ts';

/** Measures the slice's points of the line between base and tuned weights on the selection split. Returns all that are known. */
export async function measurePoints(context: StageContext, request: InterpolationRequest): Promise<SweepPoint[]> {
  return pointsOn(await selectionOf(context, request), lineOf(request), context, request);
}

function selectionOf(context: StageContext, { base, measure, protocol }: InterpolationRequest): Promise<ImageSet> {
  return readSelection(context, findDataset(base.dataset), { protocol, trainedHere: base.trainedHere, images: measure.images });
}

/** The weights of alpha 0 and of alpha 1. */
interface Line {
  network: Network;
  base: Weights;
  tuned: Weights;
  /** How the tuned ones came about. */
  about: string;
}

function lineOf({ base: model, tuned, merge = [] }: InterpolationRequest): Line {
  const { network, weights: base } = prepareModel(model);
  const all = [tuned, ...merge].map((weights) => checkWeights(network, weights));
  if (merge.length === 0) return { network, base, tuned: all[0] as Weights, about: 'tuned weights' };
  const { weights, averaged } = mergeWeights(base, all);
  const shared = averaged.length > 0 ? `the mean where several changed: ${ownersOf(averaged).join(', ')}` : 'no module was changed by two';
  return { network, base, tuned: weights, about: `${all.length} fine-tuned networks as one (${shared})` };
}

async function pointsOn(set: ImageSet, line: Line, context: StageContext, request: InterpolationRequest): Promise<SweepPoint[]> {
  const { backend, recorder, seed } = context;
  const { interpolation, measure, done, slice } = request;
  const { about, ...ends } = line;
  const alphas = shareOf(sweepAlphas(interpolation.alphas), slice);
  const open = alphas.filter((alpha) => !done.some((point) => point.alpha === alpha));
  const corrupted = interpolation.ood && open.length > 0 ? await corruptedSets(context, request.base.dataset, set, measure) : [];
  const pointPasses = set.count * (measurementPasses(measure, true) + cellsOfSweep(interpolation, measure).length);
  const scored = (point: SweepPoint) => recorder.sweepPoint(point);
  if (open.length > 0) await recorder.line(`Measuring ${open.length} points between base and ${about} on ${set.description}.`);
  return watched(context, { total: alphas.length * pointPasses, unit: 'image passes' }, (watch) => {
    const work = { backend, ...ends, alphas, set, measure, seed, done, watch };
    if (interpolation.until === 'SELECTED') return sweepUntilSelected(work, interpolation.tolerance, scored);
    watch.advance((alphas.length - open.length) * pointPasses);
    return sweep({ ...work, corrupted }, scored);
  });
}

/** The corruptions and severities that every point is measured under. */
const cellsOfSweep = ({ ood }: InterpolationConfig, measure: MeasureConfig): CorruptionCell[] => (ood ? cellsOf(measure) : []);

/** The set under every corruption and severity of the measure, in memory where all of them fit: each point needs them again. */
async function corruptedSets(
  { datasetsFolder, recorder }: StageContext,
  dataset: string,
  set: ImageSet,
  measure: MeasureConfig,
): Promise<ImageSet[]> {
  const cells = cellsOf(measure);
  await recorder.line(`Corrupting ${set.description} in ${cells.length} ways.`);
  const most = mostBytesInMemory / cells.length;
  const sets: ImageSet[] = [];
  for (const cell of cells) {
    const corrupted = await corruptedSet(findDataset(dataset), datasetsFolder, set, cell);
    sets.push({ ...corrupted, pixels: inMemoryWhereItFits(corrupted.pixels, corrupted.count, most) });
  }
  return sets;
}

/** Measures every point that is not known yet and takes the best one within the tolerance. */
export async function measureInterpolation(context: StageContext, request: InterpolationRequest): Promise<InterpolationOutcome> {
  const set = await selectionOf(context, request);
  const line = lineOf(request);
  const points = await pointsOn(set, line, context, request);
  const { selected, weights } = selectedWeights(line.base, line.tuned, points, request.interpolation.tolerance);
  await context.recorder.line(
    `Selected alpha ${selected.alpha}: standard ${percent(selected.standard)}, robust ${percent(selected.robust as number)}.`,
  );
  return { points, selected, weights, provenance: { chosenOn: set.source.name } };
}
