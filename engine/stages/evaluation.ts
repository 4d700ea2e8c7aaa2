import type { ImageSet } from '../data/splits.ts';
import { type Measurement, planMeasurements } from '../evaluation/measurement.ts';
import { count, Meter, measurementPasses, type Taken } from '../evaluation/meter.ts';
import { protocolOf } from '../evaluation/protocol.ts';
import type { EvaluationResult } from '../recorder.ts';
import type { EvaluationRequest, StageContext } from '../stages.ts';
import { prepareModel, readImages } from './prepare.ts';
import { watched } from './stage-watch.ts';

/**
 * Takes the measurements of one checkpoint on the test split that are not done yet.
 * Throws EngineError for a suite that cannot be measured.
 */
export async function runEvaluation(context: StageContext, request: EvaluationRequest): Promise<EvaluationResult[]> {
  const { backend, recorder, seed } = context;
  const { measure, protocol, model, done = [] } = request;
  const plan = planMeasurements(measure);
  const { dataset, network, weights } = prepareModel(model);
  const set = await readImages(context, dataset, { split: 'test', protocol, trainedHere: model.trainedHere, images: measure.images });
  const open = plan.filter((measurement) => !done.includes(protocolOf(measurement, set).fingerprint));
  if (open.length === 0) return [];
  const adversarial = open.some(({ suite }) => suite === 'ADVERSARIAL');
  const total = set.count * measurementPasses(measure, adversarial);
  const taken = await watched(context, { total, unit: 'image passes' }, async (watch) => {
    const meter = new Meter(backend, network, weights, { measure, seed, adversarial });
    try {
      return await meter.take(set, watch);
    } finally {
      await meter.dispose();
    }
  });
  const results = open.map((measurement) => resultOf(measurement, set, taken, seed));
  for (const result of results) await recorder.evaluation(result);
  return results;
}

function resultOf(measurement: Measurement, set: ImageSet, { standard, robust, verdict }: Taken, seed: number): EvaluationResult {
  const { suite, attack, rule } = measurement;
  const outcomes = suite === 'ADVERSARIAL' ? (robust as Uint8Array) : standard;
  const { text, fingerprint } = protocolOf(measurement, set);
  return {
    ...{ suite, dataset: set.dataset, split: set.split, images: set.count, correct: count(outcomes), outcomes },
    ...{ protocol: text, fingerprint },
    ...(attack && { attack: { ...attack, rule, seed }, ...verdict }),
  };
}
