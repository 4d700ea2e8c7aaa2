import { fineTuneModules, fineTunePasses } from '../rift/fine-tune.ts';
import { selectModules } from '../rift/selection.ts';
import type { FineTuneOutcome, FineTuneRequest, StageContext } from '../stages.ts';
import type { Best } from '../training/state.ts';
import { percent, prepareModel, readImages, readSelection } from './prepare.ts';
import { resumed } from './resume.ts';
import { watched } from './stage-watch.ts';

/** Trains the chosen modules and returns the epoch that is best on the selection split. */
export async function runFineTune(context: StageContext, request: FineTuneRequest): Promise<FineTuneOutcome> {
  const { backend, recorder, seed } = context;
  const { fineTune: config, scores, protocol, measure, trainImages } = request;
  const { trainedHere } = request.model;
  const { dataset, network, weights } = prepareModel(request.model);
  const modules = selectModules(network, config, scores);
  const train = await readImages(context, dataset, { split: 'train', protocol, trainedHere, images: trainImages });
  const selection = await readSelection(context, dataset, { protocol, trainedHere, images: measure.images });
  const state = await resumed(context, network, request.resumeState, { epoch: 0, step: 0, weights, velocity: {} });
  const objective = config.variant === 'STANDARD' ? '' : ` (${config.variant})`;
  await recorder.line(
    `Fine-tuning ${modules.join(', ')}${objective} on ${train.description}; epochs are chosen on ${selection.description}.`,
  );
  const passes = fineTunePasses({ config, train, selection, measure });
  const { best } = await watched(context, { total: config.epochs * passes, unit: 'image passes' }, (watch) => {
    watch.advance(state.epoch * passes);
    return fineTuneModules(
      { backend, network, modules, config, augmentation: dataset.augmentation, train, selection, measure, seed, recorder, watch },
      state,
    );
  });
  const { weights: tuned, epoch, score } = best as Best;
  await recorder.line(`Epoch ${epoch} is the best: ${percent(score)} on ${selection.description}.`);
  return { weights: tuned, modules, epoch, provenance: { trainedOn: train.description, chosenOn: selection.source.name } };
}
