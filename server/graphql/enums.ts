/** The enumerations. Values of an experiment's configuration come from the engine. */
import {
  batchNormModes,
  criticalityGoals,
  interpolationGoals,
  moduleSelections,
  robustnessRules,
  schedules,
  selectionProtocols,
  stageNames,
  suites,
  trusts,
  variantNames,
  variants,
  weightNorms,
} from '../../engine/config.ts';
import { architectureNames, architectureOf } from '../../engine/index.ts';
import { builder } from './builder.ts';

const described = <const Name extends string>(values: readonly Name[], descriptions: Record<Name, string> | ((value: Name) => string)) => {
  const descriptionOf = (value: Name) => (typeof descriptions === 'function' ? descriptions(value) : descriptions[value]);
  return Object.fromEntries(values.map((value) => [value, { description: descriptionOf(value), value }])) as Record<
    Name,
    { description: string; value: Name }
  >;
};

export const Role = builder.enumType('Role', {
  description: 'What a person or a token may do: VIEWER < MEMBER < ADMIN.',
  values: described(['VIEWER', 'MEMBER', 'ADMIN'], {
    VIEWER: 'Reads everything.',
    MEMBER: 'Also starts, changes and cancels runs.',
    ADMIN: 'Also manages people and their tokens.',
  }),
});

export const RunKind = builder.enumType('RunKind', {
  description: 'What a run does.',
  values: described(['TRAINING', 'RIFT', 'CRITICALITY', 'FINE_TUNE', 'INTERPOLATION', 'EVALUATION', 'EXTERNAL'], {
    TRAINING: 'Trains a network from scratch.',
    RIFT: 'All of RiFT: scores modules, fine-tunes the chosen one, interpolates, measures.',
    CRITICALITY: 'Scores the modules of a checkpoint.',
    FINE_TUNE: 'Fine-tunes modules of a checkpoint on clean data.',
    INTERPOLATION: 'Measures the weights between two checkpoints.',
    EVALUATION: 'Measures a checkpoint.',
    EXTERNAL: 'Was executed elsewhere and logged here.',
  }),
});

export const RunState = builder.enumType('RunState', {
  description: 'Where a run, or a stage of it, stands.',
  values: described(['QUEUED', 'RUNNING', 'FINISHED', 'FAILED', 'CANCELLED'], {
    QUEUED: 'Waits for a device.',
    RUNNING: 'Computes.',
    FINISHED: 'Came to its end.',
    FAILED: 'Ended with an error.',
    CANCELLED: 'Was stopped by a person.',
  }),
});

export const StageName = builder.enumType('StageName', {
  description: 'A step of a run.',
  values: described(stageNames, {
    TRAINING: 'Training from scratch.',
    CRITICALITY: 'Scoring modules by their robust criticality (MRC).',
    FINE_TUNE: 'Fine-tuning the chosen modules on clean data.',
    INTERPOLATION: 'Measuring the weights between base and fine-tuned, and choosing alpha.',
    EVALUATION: 'Measuring the results on the test split.',
  }),
});

export const Suite = builder.enumType('Suite', {
  description: 'What an accuracy is measured on.',
  values: described(suites, {
    STANDARD: 'Clean images.',
    ADVERSARIAL: 'Adversarial examples of a PGD attack.',
    OOD: 'Corrupted images: one evaluation a corruption and severity; their mean is the number of the suite.',
  }),
});

export const Trust = builder.enumType('Trust', {
  description: 'Whether a number can be trusted.',
  values: described(trusts, {
    CHECKED: 'The sanity checks ran and passed.',
    SUSPECT: 'One failed; findings say which.',
    UNCHECKED: 'None ran.',
  }),
});

export const Architecture = builder.enumType('Architecture', {
  description: 'Form of a network.',
  values: described(architectureNames, (name) => architectureOf(name).description),
});

export const Variant = builder.enumType('Variant', {
  description: 'Objective of a training: how the base network came about, or a fine-tuning works.',
  values: described(variantNames, (name) => variants[name].description),
});

export const Schedule = builder.enumType('Schedule', {
  description: 'How the learning rate of a training goes.',
  values: described(schedules, {
    MILESTONES: 'Divided by ten after each milestone.',
    COSINE: 'Down to zero along half a cosine.',
    CYCLIC: 'In a straight line from zero to its largest value within two fifths of the epochs, and back to zero.',
  }),
});

export const ModuleSelection = builder.enumType('ModuleSelection', {
  description: 'Which modules are fine-tuned.',
  values: described(moduleSelections, {
    NON_ROBUST_CRITICAL: 'The module of the lowest MRC score, as RiFT does.',
    ROBUST_CRITICAL: 'The module of the highest MRC score.',
    LAST: 'The last module of the network.',
    ALL: 'Every module.',
    TOP_K: 'The k modules of the lowest MRC scores.',
    NAMED: 'The modules that are named.',
  }),
});

export const BatchNormMode = builder.enumType('BatchNormMode', {
  description: 'What fine-tuning does to the running statistics of batch normalisation.',
  values: described(batchNormModes, { FROZEN: 'They stay as they are.', UPDATE: 'They move, as in the official code.' }),
});

export const SelectionProtocol = builder.enumType('SelectionProtocol', {
  description: 'Which images choose module, epoch and alpha.',
  values: described(selectionProtocols, {
    HOLD_OUT: 'Images held out of training; the test split is measured once, at the end.',
    PAPER: 'The test split, as the paper and its code do.',
  }),
});

export const InterpolationGoal = builder.enumType('InterpolationGoal', {
  description: 'How far the points of a sweep are measured.',
  values: described(interpolationGoals, {
    ALL: 'Standard and robust accuracy of every point: a point can be selected for any tolerance.',
    SELECTED: 'Robust accuracy only until the selected point is known: the same point, for the tolerance of the run.',
  }),
});

export const CriticalityGoal = builder.enumType('CriticalityGoal', {
  description: 'How far the ascents of the modules are followed.',
  values: described(criticalityGoals, {
    ALL: 'Every one to its end: all scores.',
    LEAST: 'The lowest to their end, the others while they could be lower: the same choice, and lower bounds.',
  }),
});

export const WeightNorm = builder.enumType('WeightNorm', {
  description: "Norm p of a weight: over all of a module's entries.",
  values: described(weightNorms, {
    L1: 'Sum of the absolute entries.',
    L2: "Euclidean length, as in the paper's experiments.",
    LINF: 'The largest absolute entry: every entry may move by the same amount.',
  }),
});

export const RobustnessRule = builder.enumType('RobustnessRule', {
  description: 'When an image counts as robust.',
  values: described(robustnessRules, {
    ANY_STEP: 'It is classified right clean and at every step of the attack.',
    LAST_STEP: 'It is classified right at the last step of the attack, as in the official code.',
  }),
});

export const DatasetState = builder.enumType('DatasetState', {
  description: 'Whether a dataset can be used.',
  values: described(['READY', 'MISSING', 'PREPARING', 'FAILED'], {
    READY: 'Its files are there.',
    MISSING: 'Its files are not there; hint says what to do.',
    PREPARING: 'It is being made ready.',
    FAILED: 'Its files are broken; hint says which.',
  }),
});

export const Direction = builder.enumType('Direction', {
  description: 'Direction of an order.',
  values: described(['ASC', 'DESC'], { ASC: 'The smallest, earliest or first in the alphabet comes first.', DESC: 'The other way round.' }),
});
