import { EngineError } from '../errors.ts';
import { count, Meter, measurementPasses } from '../evaluation/meter.ts';
import { adversarialProtocol, standardProtocol } from '../evaluation/protocol.ts';
import type { EvaluationResult } from '../recorder.ts';
import type { EvaluationRequest, StageContext } from '../stages.ts';
import { prepareModel, readImages } from './prepare.ts';
import { watched } from './stage-watch.ts';

/** Measures one checkpoint on the test split, every suite that is asked for. Throws EngineError for a suite that does not exist. */
export async function runEvaluation(context: StageContext, request: EvaluationRequest): Promise<EvaluationResult[]> {
  const { backend, recorder, seed } = context;
  const { measure, protocol, model } = request;
  if (measure.suites.includes('OOD')) throw new EngineError('The suite OOD cannot be measured.', 'Ask for STANDARD and ADVERSARIAL.');
  const { dataset, network, weights } = prepareModel(model);
  const set = await readImages(context, dataset, { split: 'test', protocol, trainedHere: model.trainedHere, images: measure.images });
  const adversarial = measure.suites.includes('ADVERSARIAL');
  const total = set.count * measurementPasses(measure, adversarial);
  const { standard, robust } = await watched(context, { total, unit: 'image passes' }, async (watch) => {
    const meter = new Meter(backend, network, weights, { measure, seed, adversarial });
    try {
      return await meter.take(set, watch);
    } finally {
      await meter.dispose();
    }
  });
  const common = { dataset: dataset.name, split: set.split, images: set.count };
  const results: EvaluationResult[] = [];
  if (measure.suites.includes('STANDARD'))
    results.push({ ...common, suite: 'STANDARD', correct: count(standard), protocol: standardProtocol(set) });
  if (robust)
    results.push({
      ...common,
      suite: 'ADVERSARIAL',
      correct: count(robust),
      attack: { name: 'PGD', norm: 'linf', rule: measure.rule, seed, ...measure.attack },
      protocol: adversarialProtocol(measure, seed, set),
    });
  for (const result of results) await recorder.evaluation(result);
  return results;
}
