import { findDataset } from '../data/catalogue.ts';
import { networkOf } from '../models/form.ts';
import type { StageContext, TrainingOutcome, TrainingRequest } from '../stages.ts';
import type { Best } from '../training/state.ts';
import { epochPasses, trainNetwork } from '../training/train.ts';
import { initialWeights } from '../weights/initial.ts';
import { percent, readImages, readSelection } from './prepare.ts';
import { resumed } from './resume.ts';
import { watched } from './stage-watch.ts';

/** Trains a network from fresh weights, or from the state that an earlier execution left, and returns its best epoch. */
export async function runTraining(context: StageContext, request: TrainingRequest): Promise<TrainingOutcome> {
  const { backend, recorder, seed } = context;
  const { training: config, protocol, measure } = request;
  const dataset = findDataset(config.dataset);
  const network = networkOf(config, dataset);
  const train = await readImages(context, dataset, { split: 'train', protocol, trainedHere: true, images: config.trainImages });
  const selection = await readSelection(context, dataset, { protocol, trainedHere: true, images: measure.images });
  const fresh = { epoch: 0, step: 0, weights: initialWeights(network, seed), velocity: {} };
  const state = await resumed(context, network, request.resumeState, fresh);
  await recorder.line(
    `Training ${config.architecture} (${config.variant}) on ${train.description}; epochs are chosen on ${selection.description}${state.epoch > 0 ? `; going on after epoch ${state.epoch}` : ''}.`,
  );
  const late = config.schedule === 'MILESTONES' ? config.milestones.filter((milestone) => milestone >= config.epochs) : [];
  if (late.length > 0)
    await recorder.line(`Of ${config.epochs} epochs none comes after ${late.join(', ')}: these milestones change nothing.`, 'warning');
  const passes = epochPasses({ config, train, selection, measure });
  const { best, epoch: last } = await watched(context, { total: config.epochs * passes, unit: 'image passes' }, (watch) => {
    watch.advance(state.epoch * passes);
    return trainNetwork(
      { backend, network, config, augmentation: dataset.augmentation, train, selection, measure, seed, recorder, watch },
      state,
    );
  });
  const { weights, epoch, score } = best as Best;
  if (last < config.epochs) {
    await recorder.line(`Stopped after epoch ${last}: the last ${config.patience} epochs were no better than epoch ${epoch}.`);
    await recorder.setting('stoppedAfterEpoch', last);
  }
  await recorder.line(`Epoch ${epoch} is the best: ${percent(score)} on ${selection.description}.`);
  return { weights, epoch, provenance: { trainedOn: train.description, chosenOn: selection.source.name } };
}
