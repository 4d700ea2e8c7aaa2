/** How fields are shown. What is not named here is shown too, folded away. */
import { architectureExample } from '../words.ts';

export interface Hint {
  unit?: string;
  /** What holds when nothing is given, where the schema cannot say it. */
  placeholder?: string;
  /** Where the default is not what the paper does. */
  differs?: string;
  /** A switch decides whether the part is in the request at all; on at first. */
  optional?: boolean;
}

export const hints: Record<string, Hint> = {
  'StartTrainingInput.evaluation': { optional: true },
  'StartRiftInput.protocol': { differs: 'The paper chooses on the test images.' },
  'StartTrainingInput.protocol': { differs: 'The paper chooses on the test images.' },
  'StartFineTuneInput.protocol': { differs: 'The paper chooses on the test images.' },
  'StartInterpolationInput.protocol': { differs: 'The paper chooses on the test images.' },
  'StartCriticalityInput.protocol': { differs: "The paper's code scores on the test images." },
  'TrainingInput.trainImages': { placeholder: 'all' },
  'TrainingInput.emaDecay': { placeholder: 'no average' },
  'TrainingInput.patience': { placeholder: 'never', unit: 'epochs' },
  'SCORE options.beta': { placeholder: 'that of the form' },
  'SCORE options.clip': { placeholder: 'that of the form' },
  'SCORE options.labelSmoothing': { placeholder: 'that of the form' },
  'AWP options.gamma': { unit: '× norm' },
  'AWP options.warmup': { unit: 'epochs' },
  'PgdInput.epsilon': { unit: 'pixel' },
  'PgdInput.stepSize': { unit: 'pixel' },
  'PgdInput.restarts': { differs: 'The paper measures three.' },
  'CriticalityInput.epsilon': { unit: '× norm' },
  'CriticalityInput.images': { placeholder: 'the whole split' },
  'CriticalityInput.modules': { placeholder: 'every module' },
  'FineTuneInput.batchNorm': { differs: "The paper's code lets them move." },
  'StartInterpolationInput.merge': { placeholder: 'nothing' },
  'InterpolationInput.tolerance': { unit: 'fraction' },
  'MeasureInput.images': { placeholder: 'the whole split' },
  'MeasureInput.attacks': { placeholder: 'none' },
  'MeasureInput.rule': { differs: "The paper's code counts the last step only." },
};

/** Fields that are seen at once; objects always are. */
const seen: Record<string, string[]> = {
  TrainingInput: ['architecture', 'architectureOptions', 'variant', 'dataset', 'trainImages', 'epochs', 'batchSize'],
  CriticalityInput: ['images', 'iterations', 'epsilon', 'until'],
  FineTuneInput: ['select', 'k', 'modules', 'variant', 'epochs', 'learningRate'],
  InterpolationInput: ['tolerance', 'alphas', 'until'],
  MeasureInput: ['images', 'suites', 'autoAttack', 'attacks'],
  PgdInput: ['epsilon', 'stepSize', 'steps', 'restarts', 'randomStart'],
};
/** Every field of an objective's options is. */
const isOfOptions = (type: string) => type.endsWith(' options');
const seenOfStarts = ['project', 'name', 'protocol', 'checkpoint', 'base', 'tuned', 'merge'];

export const isSeen = (type: string, field: string): boolean => isOfOptions(type) || (seen[type] ?? seenOfStarts).includes(field);

/** Parts that are folded away with the fields that are not seen at once. */
export const isFolded = (type: string, part: string): boolean =>
  ['TrainingInput', 'FineTuneInput', 'MeasureInput'].includes(type) && part !== 'options';

type Lookup = (field: string) => unknown;

const attacksAtAll = (suites: unknown) => (suites as readonly string[] | undefined)?.includes('ADVERSARIAL') ?? true;

/** Attacks that make examples once: more runs of them are refused. */
const isOneRun = (path: string) => /(^|\.)(training|criticality|fineTune)\.attack$/.test(path);

const conditions: Record<string, (value: Lookup, path: string) => boolean> = {
  'TrainingInput.architectureOptions': (value) => architectureExample(String(value('architecture'))) !== undefined,
  'FineTuneInput.k': (value) => value('select') === 'TOP_K',
  'TrainingInput.milestones': (value) => value('schedule') === 'MILESTONES',
  'FineTuneInput.attack': (value) => value('variant') !== 'STANDARD',
  'FineTuneInput.modules': (value) => value('select') === 'NAMED',
  'StartFineTuneInput.criticality': (value) => !['LAST', 'ALL', 'NAMED'].includes(String(value('fineTune.select'))),
  'MeasureInput.attacks': (value) => attacksAtAll(value('suites')),
  'MeasureInput.autoAttack': (value) => attacksAtAll(value('suites')),
  'PgdInput.restarts': (_value, path) => !isOneRun(path),
  // The attack of criticality is shown with it.
  'StartCriticalityInput.attack': () => false,
};

/** False for a field that means nothing where its part is, or under the other fields of it. path: of the part. */
export const applies = (type: string, field: string, value: Lookup, path: string): boolean =>
  conditions[`${type}.${field}`]?.(value, path) ?? true;

const intros: Record<string, string> = {
  RIFT: 'Scores every module of an adversarially trained network, fine-tunes the least critical on clean images, and interpolates back until robustness holds.',
  TRAINING: 'Trains a network from scratch, adversarially or on clean images.',
  CRITICALITY: 'Scores the modules of stored weights: how much the robust loss can grow when one of them moves.',
  FINE_TUNE: 'Trains chosen modules of stored weights, on clean images or by another objective; everything else stays frozen.',
  INTERPOLATION:
    'Measures the way from a checkpoint to a fine-tuned one, or to several merged, and takes its best point within the tolerance.',
  EVALUATION: 'Measures stored weights on the test split.',
};

export const introOf = (kind: string): string | undefined => intros[kind];
