import { modulesOf, type NetworkModule } from '../models/modules.ts';
import type { Network } from '../models/network.ts';
import type { MrcScore } from '../recorder.ts';
import { scoreModules } from '../rift/criticality.ts';
import { adversarialExamples } from '../rift/examples.ts';
import { leastModules, openScore } from '../rift/least.ts';
import { noticesOf, rightOnNone } from '../rift/notices.ts';
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
  const { criticality: config, protocol, done, least = 1 } = request;
  const { attack, iterations, until } = config;
  const { dataset, network, weights } = prepareModel(request.model);
  const wanted = wantedModules(network, request);
  const recorded = wanted.flatMap(({ name }) => done.filter(({ module }) => module === name).slice(0, 1));
  const isOpen = recorded.length < wanted.length || (until === 'LEAST' && openScore(recorded, least) !== undefined);
  const set = await readSelection(context, dataset, { protocol, trainedHere: request.model.trainedHere, images: config.images });
  const epochs = until === 'ALL' ? wanted.length * iterations : wanted.length + least * (iterations - 1);
  const total = set.count * (attack.steps + epochs);
  const scored = (score: MrcScore) => recorder.mrcScore(score);
  const measured = async (robustAccuracy: number) => {
    if (robustAccuracy === 0 && !request.slice?.index) await recorder.line(rightOnNone, 'warning');
  };
  const scores = await watched(context, { total, unit: 'image passes' }, async (watch) => {
    if (!isOpen) return recorded;
    const examples = await adversarialExamples({ backend, network, weights, set, attack, batchSize: config.batchSize, seed, watch });
    const work = { backend, network, weights, examples, config, watch, measured };
    if (until === 'LEAST') {
      await recorder.line(`Following ${wanted.length} ascents on ${set.description} until the ${least} of least score are known.`);
      return leastModules(work, wanted, { count: least, known: recorded }, scored);
    }
    const open = wanted.filter(({ name }) => !recorded.some(({ module }) => module === name));
    await recorder.line(`Scoring ${open.length} modules on adversarial examples of ${set.description}.`);
    watch.advance((wanted.length - open.length) * set.count * iterations);
    return [...recorded, ...(await scoreModules(work, open, scored))];
  });
  if (isOpen) await tellBounds(context, scores);
  if (!request.slice) for (const notice of noticesOf(scores)) await recorder.line(notice, 'warning');
  return wanted.flatMap(({ name }) => scores.filter(({ module }) => module === name));
}

async function tellBounds({ recorder }: StageContext, scores: MrcScore[]): Promise<void> {
  const bounds = scores.filter(({ complete }) => !complete);
  if (bounds.length > 0) await recorder.line(`The choice is made: ${bounds.length} of ${scores.length} scores are lower bounds.`);
}
