/** How fields are shown. What is not named here is shown too, folded away, with its name and description from the schema. */

import { architectureExample, spaced } from '../words.ts';

export interface Hint {
  label?: string;
  unit?: string;
  /** What holds when nothing is given, where the schema cannot say it. */
  placeholder?: string;
  /** Where the default is not what the paper does. */
  differs?: string;
  /** A switch decides whether the part is in the request at all; on at first. */
  optional?: boolean;
}

export const hints: Record<string, Hint> = {
  'StartTrainingInput.evaluation': { label: 'Measure at the end', optional: true },
  'StartRiftInput.protocol': { label: 'Choices are made on', differs: 'The paper chooses on the test images.' },
  'StartTrainingInput.protocol': { label: 'The epoch is chosen on', differs: 'The paper chooses on the test images.' },
  'StartFineTuneInput.protocol': { label: 'Choices are made on', differs: 'The paper chooses on the test images.' },
  'StartInterpolationInput.protocol': { label: 'Alpha is chosen on', differs: 'The paper chooses on the test images.' },
  'StartEvaluationInput.protocol': { label: 'Held-out images are left out' },
  'StartCriticalityInput.protocol': { label: 'Modules are scored on', differs: "The paper's code scores on the test images." },
  'StartRiftInput.model': { label: 'Adversarially trained network' },
  'StartRiftInput.criticality': { label: 'Module robust criticality' },
  'StartRiftInput.fineTune': { label: 'Fine-tune' },
  'StartRiftInput.interpolation': { label: 'Interpolation' },
  'StartFineTuneInput.criticality': { label: 'Module robust criticality' },
  'StartFineTuneInput.fineTune': { label: 'Fine-tune' },
  'ModelInput.checkpoint': { label: 'Stored checkpoint' },
  'ModelInput.training': { label: 'Train one first' },
  'TrainingInput.trainImages': { label: 'Training images', placeholder: 'all' },
  'TrainingInput.variant': { label: 'Objective' },
  'TrainingInput.schedule': { label: 'Learning rate goes' },
  'TrainingInput.options': { label: 'Options of the objective' },
  'TrainingInput.emaDecay': { label: 'Averaged weights: decay', placeholder: 'no average' },
  'TrainingInput.patience': { label: 'Stop early after', placeholder: 'never', unit: 'epochs' },
  'TRADES options.beta': { label: 'Weight β' },
  'MART options.beta': { label: 'Weight β' },
  'SCORE options.beta': { label: 'Weight β', placeholder: 'that of the form' },
  'SCORE options.clip': { label: 'Clip value', placeholder: 'that of the form' },
  'SCORE options.labelSmoothing': { placeholder: 'that of the form' },
  'AWP options.gamma': { label: 'Perturbation γ', unit: '× norm' },
  'AWP options.warmup': { label: 'Warm-up', unit: 'epochs' },
  'PgdInput.epsilon': { label: 'Radius ε', placeholder: '8/255', unit: 'pixel' },
  'PgdInput.stepSize': { label: 'Step size', placeholder: '2/255', unit: 'pixel' },
  'PgdInput.steps': { placeholder: '10' },
  'PgdInput.randomStart': { placeholder: 'true' },
  'PgdInput.restarts': { label: 'Runs', placeholder: '1', differs: 'The paper measures three.' },
  'CriticalityInput.epsilon': { label: 'Radius ε', unit: '× norm' },
  'CriticalityInput.images': { placeholder: 'the whole split' },
  'CriticalityInput.iterations': { label: 'Ascent epochs' },
  'CriticalityInput.until': { label: 'Score' },
  'CriticalityInput.modules': { placeholder: 'every module' },
  'FineTuneInput.select': { label: 'Modules to fine-tune' },
  'FineTuneInput.variant': { label: 'Objective' },
  'FineTuneInput.options': { label: 'Options of the objective' },
  'FineTuneInput.k': { label: 'Number of modules k' },
  'FineTuneInput.batchNorm': { label: 'Batch-norm statistics', differs: "The paper's code lets them move." },
  'StartInterpolationInput.merge': { label: 'Merged with', placeholder: 'nothing' },
  'InterpolationInput.alphas': { label: 'Alphas' },
  'InterpolationInput.until': { label: 'Measure' },
  'InterpolationInput.tolerance': { label: 'Tolerated loss of robust accuracy', unit: 'fraction' },
  'InterpolationInput.ood': { label: 'Measure corrupted images at every alpha' },
  'MeasureInput.corruptions': { label: 'Corruptions' },
  'MeasureInput.images': { placeholder: 'the whole split' },
  'MeasureInput.attacks': { label: 'More attacks', placeholder: 'none' },
  'MeasureInput.autoAttack': { label: 'AutoAttack' },
  'MeasureInput.rule': { label: 'An image is robust when', differs: "The paper's code counts the last step only." },
};

export const labelOf = (type: string, field: string): string => hints[`${type}.${field}`]?.label ?? spaced(field);

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

const conditions: Record<string, (value: Lookup) => boolean> = {
  'TrainingInput.architectureOptions': (value) => architectureExample(String(value('architecture'))) !== undefined,
  'FineTuneInput.k': (value) => value('select') === 'TOP_K',
  'TrainingInput.milestones': (value) => value('schedule') === 'MILESTONES',
  'FineTuneInput.attack': (value) => value('variant') !== 'STANDARD',
  'FineTuneInput.modules': (value) => value('select') === 'NAMED',
  'StartFineTuneInput.criticality': (value) => !['LAST', 'ALL', 'NAMED'].includes(String(value('fineTune.select'))),
  'MeasureInput.attacks': (value) => attacksAtAll(value('suites')),
  'MeasureInput.autoAttack': (value) => attacksAtAll(value('suites')),
  // The attack of criticality is shown with it.
  'StartCriticalityInput.attack': () => false,
};

/** False for a field that means nothing under the other fields of its part. */
export const applies = (type: string, field: string, value: Lookup): boolean => conditions[`${type}.${field}`]?.(value) ?? true;

const enumWords: Record<string, string> = {
  'ModuleSelection.NON_ROBUST_CRITICAL': 'The one with the lowest MRC (RiFT)',
  'ModuleSelection.ROBUST_CRITICAL': 'The one with the highest MRC',
  'ModuleSelection.LAST': 'The last one',
  'ModuleSelection.ALL': 'All',
  'ModuleSelection.TOP_K': 'The k with the lowest MRC',
  'ModuleSelection.NAMED': 'Those named',
  'InterpolationGoal.ALL': 'Every point',
  'InterpolationGoal.SELECTED': 'Until the selected point is known (same point, less work)',
  'CriticalityGoal.ALL': 'Every module',
  'CriticalityGoal.LEAST': 'Until the choice is made (same choice, less work)',
  'Schedule.MILESTONES': 'Down by a tenth at milestones',
  'Schedule.COSINE': 'Down along half a cosine',
  'Schedule.CYCLIC': 'Up, then down',
  'SCORE form.DDPM': 'For generated images (DDPM)',
  'SCORE form.LSE': 'Squared error',
  'SCORE form.KL': 'Divergence',
  'BatchNormMode.FROZEN': 'Frozen',
  'BatchNormMode.UPDATE': 'Updated, as in the official code',
  'SelectionProtocol.HOLD_OUT': 'Held-out images',
  'SelectionProtocol.PAPER': 'Test images, as in the paper',
  'RobustnessRule.ANY_STEP': 'It holds at every step of the attack',
  'RobustnessRule.LAST_STEP': 'It holds at the last step (official code)',
};

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

export const enumWord = (type: string, value: string): string | undefined => enumWords[`${type}.${value}`];
