import { corruptedSet } from '../data/corrupted-set.ts';
import type { ImageSet } from '../data/splits.ts';
import { conclude } from '../evaluation/conclude.ts';
import { type Planned, planMeasurements } from '../evaluation/measurement.ts';
import { attackPasses, Meter } from '../evaluation/meter.ts';
import { probePasses } from '../evaluation/probes.ts';
import { protocolOf } from '../evaluation/protocol.ts';
import type { EvaluationResult } from '../recorder.ts';
import type { EvaluationRequest, StageContext } from '../stages.ts';
import { prepareModel, readImages } from './prepare.ts';
import { watched } from './stage-watch.ts';

/** Measurements that are taken on the same images, so that they share the clean prediction. */
interface Group {
  set: ImageSet;
  open: Planned[];
}

/** Passes of images through the network. */
function passesOf({ set, open }: Group): number {
  return open.reduce((sum, planned) => sum + set.count * attackPasses(planned) + probePasses(planned, set), set.count);
}

/**
 * Takes the measurements of one checkpoint on the test split that are not done yet; each is recorded as soon as it is taken.
 */
export async function runEvaluation(context: StageContext, request: EvaluationRequest): Promise<EvaluationResult[]> {
  const { backend, recorder, seed } = context;
  const { measure, model } = request;
  const { network, weights } = prepareModel(model);
  const groups = (await groupsOf(context, request)).filter(({ open }) => open.length > 0);
  if (groups.length === 0) return [];
  const total = groups.reduce((sum, group) => sum + passesOf(group), 0);
  return watched(context, { total, unit: 'image passes' }, async (watch) => {
    const meter = new Meter(backend, network, weights, { measure, seed, adversarial: false });
    const results: EvaluationResult[] = [];
    try {
      for (const { set, open } of groups) {
        const clean = await meter.standard(set, watch);
        for (const planned of open) {
          const survivors = planned.attack && (await meter.robust(planned, set, clean, watch));
          const result = await conclude({ planned, set, clean, survivors }, { meter, recorder, seed, watch });
          await recorder.evaluation(result);
          results.push(result);
        }
      }
    } finally {
      await meter.dispose();
    }
    return results;
  });
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
  return groups;
}
