import { modulesOf, type NetworkModule } from '../models/modules.ts';
import type { Network } from '../models/network.ts';
import type { MrcScore } from '../recorder.ts';
import { scoreModules } from '../rift/criticality.ts';
import { adversarialExamples } from '../rift/examples.ts';
import { noticesOf } from '../rift/notices.ts';
import { selectModules } from '../rift/selection.ts';
import type { CriticalityRequest, StageContext } from '../stages.ts';
import { prepareModel, readSelection } from './prepare.ts';
import { shareOf } from './slice.ts';
import { watched } from './stage-watch.ts';

/** The modules of the request's slice, in network order. A pass through a late module is short: what lies in front is kept. */
function wantedModules(network: Network, { criticality, slice }: CriticalityRequest): NetworkModule[] {
  const names = criticality.modules && selectModules(network, { select: 'NAMED', modules: criticality.modules }, []);
  const wanted = modulesOf(network).filter(({ name }) => names?.includes(name) ?? true);
  return shareOf(wanted, slice, ({ block }) => network.blocks.length - block);
}

/**
 * Scores modules by their robust criticality, on the selection split. Returns the scores of the slice, those done before too,
 * in network order.
 */
export async function measureCriticality(context: StageContext, request: CriticalityRequest): Promise<MrcScore[]> {
  const { backend, recorder, seed } = context;
  const { criticality: config, protocol, done } = request;
  const { attack } = config;
  const { dataset, network, weights } = prepareModel(request.model);
  const wanted = wantedModules(network, request);
  const open = wanted.filter(({ name }) => !done.some(({ module }) => module === name));
  const set = await readSelection(context, dataset, { protocol, trainedHere: request.model.trainedHere, images: config.images });
  if (open.length > 0) await recorder.line(`Scoring ${open.length} modules on adversarial examples of ${set.description}.`);
  const attackPasses = set.count * attack.steps;
  const modulePasses = set.count * config.iterations;
  const total = attackPasses + wanted.length * modulePasses;
  let robustAccuracy = 1;
  const scores = await watched(context, { total, unit: 'image passes' }, async (watch) => {
    watch.advance((wanted.length - open.length) * modulePasses);
    if (open.length === 0) return [];
    const examples = await adversarialExamples({ backend, network, weights, set, attack, batchSize: config.batchSize, seed, watch });
    const measured = (accuracy: number) => {
      robustAccuracy = accuracy;
    };
    return scoreModules({ backend, network, weights, examples, config, watch, measured }, open, (score) => recorder.mrcScore(score));
  });
  for (const notice of scores.length > 0 ? noticesOf(scores, robustAccuracy) : []) await recorder.line(notice, 'warning');
  const all = [...done, ...scores];
  return wanted.flatMap(({ name }) => all.filter(({ module }) => module === name).slice(0, 1));
}
