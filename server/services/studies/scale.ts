/** A study at a share of the paper's images and epochs. */
import { fineTuneConfig, trainingConfig } from '../../../engine/config.ts';
import { type Dataset, selectionSplit, splitCount } from '../../../engine/index.ts';
import type { Settings } from './presets.ts';
import { valueAt, withValue } from './settings.ts';

const atLeastOne = (number: number) => Math.max(1, Math.round(number));

const training = 'model.training';
const ofTraining = (name: string) => `${training}.${name}`;

interface Scaling {
  scale: number;
  /** Settings that were given: they stay as they are. */
  given: Settings;
  dataset: Dataset;
  trainedHere: boolean;
}

/** Numbers of images and epochs that were not given, as a share of what they would be. */
export function scaled(settings: Settings, { scale, given, dataset, trainedHere }: Scaling): Settings {
  const protocol = valueAt(settings, 'protocol') === 'PAPER' ? 'PAPER' : 'HOLD_OUT';
  const images = (split: 'train' | 'holdout' | 'test') => atLeastOne(scale * splitCount(dataset, { split, protocol, trainedHere }));
  const wanted: [string, number | number[]][] = [
    ['criticality.images', images(selectionSplit(protocol))],
    ['fineTune.epochs', atLeastOne(scale * (defaults.fineTune.epochs as number))],
    ['evaluation.images', images('test')],
  ];
  if (valueAt(settings, training) === undefined) wanted.push(['fineTune.trainImages', images('train')]);
  else {
    const epochs = (valueAt(given, ofTraining('epochs')) as number | undefined) ?? atLeastOne(scale * defaults.training.epochs);
    const share = epochs / defaults.training.epochs;
    const milestones = [...new Set(defaults.training.milestones.map((epoch) => atLeastOne(share * epoch)))].filter(
      (epoch) => epoch < epochs,
    );
    wanted.push([ofTraining('trainImages'), images('train')], [ofTraining('epochs'), epochs]);
    if ((valueAt(settings, ofTraining('schedule')) ?? 'MILESTONES') === 'MILESTONES') wanted.push([ofTraining('milestones'), milestones]);
  }
  return wanted
    .filter(([path]) => valueAt(given, path) === undefined)
    .reduce((result, [path, value]) => withValue(result, path, value), settings);
}

/** What is left out is the paper's. */
const defaults = {
  training: trainingConfig.parse({ architecture: 'RESNET18', dataset: 'cifar10' }),
  fineTune: fineTuneConfig.parse({}),
};
