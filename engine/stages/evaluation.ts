import type { Survivors } from '../attacks/survivors.ts';
import { inOrder, labelsOf } from '../data/batches.ts';
import { corruptedSet } from '../data/corrupted-set.ts';
import { type ImageSet, partOf } from '../data/splits.ts';
import { conclude } from '../evaluation/conclude.ts';
import { isMain, type Planned, planMeasurements } from '../evaluation/measurement.ts';
import { attackPasses, Meter } from '../evaluation/meter.ts';
import { probePasses } from '../evaluation/probes.ts';
import { protocolOf } from '../evaluation/protocol.ts';
import { cleanOf, joinTaken, keepClean, keepSurvivors, survivorsOf, type Taken } from '../evaluation/taken.ts';
import { transferPoints } from '../evaluation/transfer.ts';
import type { EvaluationResult } from '../recorder.ts';
import type { EvaluationRequest, Slice, StageContext } from '../stages.ts';
import { unwatched, type Watch } from '../watch.ts';
import { prepareModel, readImages } from './prepare.ts';
import { watched } from './stage-watch.ts';

/** Measurements that are taken on the same images, so that they share the clean prediction. */
interface Group {
  set: ImageSet;
  open: Planned[];
}

/** The plan, by the images that its measurements are taken on, without what is done. */
async function groupsOf(context: StageContext, { measure, protocol, model, done = [] }: EvaluationRequest): Promise<Group[]> {
  const { dataset } = prepareModel(model);
  const clean = await readImages(context, dataset, { split: 'test', protocol, trainedHere: model.trainedHere, images: measure.images });
  const plan = planMeasurements(measure);
  const open = (planned: readonly Planned[], set: ImageSet) =>
    planned.filter(({ measurement }) => !done.includes(protocolOf(measurement, set).fingerprint));
  const uncorrupted = plan.filter(({ cell }) => !cell);
  const groups = [{ set: clean, open: open(uncorrupted, clean) }];
  for (const planned of plan) {
    if (!planned.cell) continue;
    const set = await corruptedSet(dataset, context.datasetsFolder, clean, planned.cell);
    groups.push({ set, open: open([planned], set) });
  }
  return groups.filter((group) => group.open.length > 0);
}

/** Passes of images through the network that measuring a group takes. */
const takingPasses = ({ open }: Group, images: number) => images * open.reduce((sum, planned) => sum + attackPasses(planned), 1);

const judgingPasses = ({ set, open }: Group) => open.reduce((sum, planned) => sum + probePasses(planned, set), 0);

/** Runs with a meter of the model's network; passes: how far its watch goes. */
function measuring<T>(
  { backend, recorder, signal, seed }: StageContext,
  { measure, model }: EvaluationRequest,
  passes: number,
  body: (meter: Meter, watch: Watch) => Promise<T>,
): Promise<T> {
  const { network, weights } = prepareModel(model);
  return watched({ recorder, signal }, { total: passes, unit: 'image passes' }, async (watch) => {
    const meter = new Meter(backend, network, weights, { measure, seed, adversarial: false });
    try {
      return await body(meter, watch);
    } finally {
      await meter.dispose();
    }
  });
}

/** Images of a slice: neighbours, as many as in the others, give or take one. */
function imagesOf({ count }: ImageSet, { index, of }: Slice): [begin: number, end: number] {
  return [Math.floor((index * count) / of), Math.floor(((index + 1) * count) / of)];
}

/** Measures the slice's images and records nothing: what comes out is joined with the other slices', whatever the cut. */
export async function takeEvaluation(context: StageContext, request: EvaluationRequest & { slice: Slice }): Promise<Taken> {
  const groups = await groupsOf(context, request);
  const sizeOf = ({ set }: Group) => {
    const [begin, end] = imagesOf(set, request.slice);
    return end - begin;
  };
  const passes = groups.reduce((sum, group) => sum + takingPasses(group, sizeOf(group)), 0);
  return measuring(context, request, passes, async (meter, watch) => {
    const taken: Taken = {};
    for (const { set, open } of groups) {
      const part = partOf(set, ...imagesOf(set, request.slice));
      const clean = await meter.standard(part, watch);
      keepClean(taken, set, clean);
      for (const planned of open) {
        if (!planned.attack) continue;
        keepSurvivors(taken, planned, set, await meter.robust(planned, part, clean, watch));
        await meter.release();
      }
    }
    return taken;
  });
}

/**
 * Takes the measurements of one checkpoint on the test split that are not done yet, or that slices have not taken; each is recorded
 * as soon as it is taken and judged. Throws EngineError for a suite that cannot be measured.
 */
export async function runEvaluation(context: StageContext, request: EvaluationRequest): Promise<EvaluationResult[]> {
  const { recorder, seed } = context;
  const groups = await groupsOf(context, request);
  if (groups.length === 0) return [];
  const taken = joinTaken(request.taken ?? []);
  const isTaken = ({ set }: Group) => cleanOf(taken, set) !== undefined;
  const passesOf = (group: Group) => (isTaken(group) ? 0 : takingPasses(group, group.set.count)) + judgingPasses(group);
  const passes = groups.reduce((sum, group) => sum + passesOf(group), 0);
  return measuring(context, request, passes, async (meter, watch) => {
    const results: EvaluationResult[] = [];
    for (const group of groups) {
      const { set, open } = group;
      const clean = cleanOf(taken, set) ?? (await meter.standard(set, watch));
      const transferred = open.some(isMain) ? await transfer(context, request, set, meter) : undefined;
      for (const planned of open) {
        const survivors = survivorsOf(taken, planned, set) ?? (await survivorsUnder(meter, planned, set, clean, watch));
        const result = await conclude({ planned, set, clean, survivors }, { meter, recorder, seed, watch, transferred });
        await recorder.evaluation(result);
        results.push(result);
        await meter.release();
      }
    }
    return results;
  });
}

async function survivorsUnder(meter: Meter, planned: Planned, ...rest: [ImageSet, Uint8Array, Watch]): Promise<Survivors | undefined> {
  return planned.attack && meter.robust(planned, ...rest);
}

/** Which of the first images are right where points that were made for the base stand for them; undefined without a base. */
async function transfer(
  { backend, seed, signal }: StageContext,
  { base, model, measure: { attack } }: EvaluationRequest,
  set: ImageSet,
  meter: Meter,
): Promise<Uint8Array | undefined> {
  if (!base) return undefined;
  const { network, weights } = prepareModel({ ...model, weights: base });
  const points = await transferPoints({ backend, network, weights, attack, seed }, set, { ...unwatched, signal });
  return meter.correct(points, labelsOf(set, inOrder(points.shape[0] as number)));
}
