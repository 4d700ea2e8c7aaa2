import { measurementPasses } from '../evaluation/meter.ts';
import { selectedWeights, sweep, sweepAlphas } from '../rift/interpolation.ts';
import type { InterpolationOutcome, InterpolationRequest, StageContext } from '../stages.ts';
import { checkWeights } from '../weights/initial.ts';
import { percent, prepareModel, readSelection } from './prepare.ts';
import { watched } from './stage-watch.ts';

/** Measures the line between base and tuned weights on the selection split and takes its best point within the tolerance. */
export async function measureInterpolation(context: StageContext, request: InterpolationRequest): Promise<InterpolationOutcome> {
  const { backend, recorder, seed } = context;
  const { interpolation, measure, protocol, done } = request;
  const { dataset, network, weights: base } = prepareModel(request.base);
  const tuned = checkWeights(network, request.tuned);
  const set = await readSelection(context, dataset, { protocol, trainedHere: request.base.trainedHere, images: measure.images });
  const alphas = sweepAlphas(interpolation.alphas);
  const known = alphas.filter((alpha) => done.some((point) => point.alpha === alpha)).length;
  const pointPasses = set.count * measurementPasses(measure, true);
  await recorder.line(`Measuring ${alphas.length} points between base and tuned weights on ${set.description}.`);
  const points = await watched(context, { total: alphas.length * pointPasses, unit: 'image passes' }, (watch) => {
    watch.advance(known * pointPasses);
    return sweep({ backend, network, base, tuned, alphas, set, measure, seed, done, watch }, (point) => recorder.sweepPoint(point));
  });
  const { selected, weights } = selectedWeights(base, tuned, points, interpolation.tolerance);
  await recorder.line(`Selected alpha ${selected.alpha}: standard ${percent(selected.standard)}, robust ${percent(selected.robust)}.`);
  return { points, selected, weights };
}
