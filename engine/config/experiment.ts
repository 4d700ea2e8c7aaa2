/** The settings of a whole run: decided once when it starts, recorded, and read back as they are. */
import { z } from 'zod';
import { EngineError } from '../errors.ts';
import { pgdConfig } from './attacks.ts';
import { criticalityConfig } from './criticality.ts';
import { fineTuneConfig } from './fine-tune.ts';
import { interpolationConfig } from './interpolation.ts';
import { type MeasureConfig, measureConfig } from './measure.ts';
import { selectionProtocols } from './protocol.ts';
import { trainingConfig } from './training.ts';

const experimentConfig = z.object({
  dataset: z.string().min(1).max(100),
  protocol: z.enum(selectionProtocols),
  training: trainingConfig.optional(),
  criticality: criticalityConfig.optional(),
  fineTune: fineTuneConfig.optional(),
  interpolation: interpolationConfig.optional(),
  evaluation: measureConfig.optional(),
});
/** Sections that no stage of the run reads are absent. */
export type Experiment = z.infer<typeof experimentConfig>;

interface Training {
  dataset?: unknown;
}

/** A start mutation's input, which is what is recorded: a training is the run's own or its model's, and names the dataset. */
interface Recorded {
  dataset?: unknown;
  training?: Training;
  model?: { training?: Training };
}

/** Throws EngineError with the place for a configuration that no start mutation of this version writes. */
export function readExperiment(config: unknown): Experiment {
  const recorded = config as Recorded | null;
  const training = recorded?.training ?? recorded?.model?.training;
  const { data, error } = experimentConfig.safeParse({ ...recorded, training, dataset: recorded?.dataset ?? training?.dataset });
  if (data) return data;
  const [issue] = error.issues;
  throw new EngineError(
    `The run's configuration cannot be carried out: ${issue?.path.join('.')}: ${issue?.message}`,
    'Start the run again.',
  );
}

/** A section that a stage reads. Throws EngineError where the run was started without it. */
export function sectionOf<Name extends keyof Experiment & string>(experiment: Experiment, name: Name): NonNullable<Experiment[Name]> {
  const section = experiment[name];
  if (section === undefined) throw new EngineError(`The run has no settings of its ${name}.`, 'Start the run again.');
  return section as NonNullable<Experiment[Name]>;
}

/**
 * What choices measure: as at the end of the run, or, where nothing is measured then, on the whole split under the attack of the
 * training or the fine-tuning.
 */
export function measureOf({ evaluation, training, fineTune }: Experiment): MeasureConfig {
  return evaluation ?? measureConfig.parse({ attack: training?.attack ?? fineTune?.attack });
}

const defaults = { attack: pgdConfig.parse({}) };

type Part = { attack?: object | null } | null;

/** Settings that may take their attack from each other, as they were given: what was left out is absent or null. */
interface Given {
  evaluation?: Part;
  criticality?: Part;
}

type Attacked = Partial<Pick<Experiment, 'training' | 'evaluation' | 'criticality' | 'fineTune'>> & {
  model?: Pick<Experiment, 'training'>;
};

/**
 * The settings with one attack where several were left out: an evaluation measures with the attack that the network is trained
 * against in the same run; the examples of criticality, and those of an adversarial fine-tuning, are made by one run of the
 * evaluation's, a fine-tuning without one takes that of its criticality.
 */
export function withSharedAttack<Settings extends Attacked>(settings: Settings, given: Given): Settings {
  const { criticality, fineTune, model } = settings;
  const training = settings.training ?? model?.training;
  const evaluation = settings.evaluation && {
    ...settings.evaluation,
    attack: given.evaluation?.attack || !training ? settings.evaluation.attack : training.attack,
  };
  const inherits = criticality && evaluation && !given.criticality?.attack;
  return {
    ...settings,
    ...(evaluation && { evaluation }),
    ...(inherits && { criticality: { ...criticality, attack: { ...evaluation.attack, restarts: 1 } } }),
    ...(fineTune &&
      fineTune.variant !== 'STANDARD' && {
        fineTune: { ...fineTune, attack: fineTune.attack ?? { ...(evaluation ?? criticality ?? defaults).attack, restarts: 1 } },
      }),
  };
}
