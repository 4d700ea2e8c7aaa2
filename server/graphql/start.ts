/** The mutations that start runs, and their inputs. */
import {
  attackChoice,
  criticalityConfig,
  fineTuneConfig,
  interpolationConfig,
  measureConfig,
  pgdConfig,
  trainingConfig,
} from '../../engine/config.ts';
import { rowOf } from '../services/identity.ts';
import type { RunRecord } from '../services/records.ts';
import type { Session } from '../services/session.ts';
import { startInterpolation } from '../services/start/interpolation.ts';
import { requests, riftModel, tag } from '../services/start/requests.ts';
import { startRift } from '../services/start/rift.ts';
import { startCriticality, startEvaluation, startFineTune } from '../services/start/single.ts';
import { startTraining } from '../services/start/training.ts';
import { builder } from './builder.ts';
import { inputFrom } from './config-input.ts';
import {
  Architecture,
  BatchNormMode,
  CriticalityGoal,
  InterpolationGoal,
  ModuleSelection,
  RobustnessRule,
  Schedule,
  SelectionProtocol,
  Suite,
  Variant,
  WeightNorm,
} from './enums.ts';
import { Run } from './objects.ts';

const PgdInput = inputFrom('PgdInput', pgdConfig, {
  description: 'A PGD attack in the l-infinity norm. Pixels are in [0, 1]. Defaults: 8/255, 2/255, ten steps, random start, one run.',
  nullable: true,
});
const TrainingInput = inputFrom('TrainingInput', trainingConfig, {
  description: 'A network and how it is trained.',
  types: {
    architecture: Architecture,
    architectureOptions: 'JSON',
    variant: Variant,
    schedule: Schedule,
    attack: PgdInput,
    options: 'JSON',
  },
});
const CriticalityInput = inputFrom('CriticalityInput', criticalityConfig, {
  description: 'How modules are scored (paper, Algorithm 1).',
  types: { until: CriticalityGoal, norm: WeightNorm, attack: PgdInput },
});
const FineTuneInput = inputFrom('FineTuneInput', fineTuneConfig, {
  description: 'Which modules are fine-tuned, and how.',
  types: { select: ModuleSelection, batchNorm: BatchNormMode, variant: Variant, attack: PgdInput, options: 'JSON' },
});
const InterpolationInput = inputFrom('InterpolationInput', interpolationConfig, {
  description: 'Which points between base and fine-tuned weights are measured, and how the best is chosen.',
  types: { until: InterpolationGoal },
});
const AttackInput = inputFrom('AttackInput', attackChoice, {
  description: 'One more attack of an evaluation.',
  types: { name: 'String', options: 'JSON' },
});
const MeasureInput = inputFrom('MeasureInput', measureConfig, {
  description: 'What is measured, on how many images, under which attack.',
  types: { suites: Suite, attack: PgdInput, attacks: AttackInput, rule: RobustnessRule },
  nullable: true,
});
export const TagInput = inputFrom('TagInput', tag, { description: 'A label of a run.' });
const ModelInput = inputFrom('ModelInput', riftModel, {
  description: "Where a run's weights come from: exactly one of the two.",
  types: { checkpoint: 'ID', training: TrainingInput },
  isOneOf: true,
});

const types = {
  tags: TagInput,
  device: 'ID',
  checkpoint: 'ID',
  base: 'ID',
  tuned: 'ID',
  merge: 'ID',
  model: ModelInput,
  training: TrainingInput,
  evaluation: MeasureInput,
  criticality: CriticalityInput,
  fineTune: FineTuneInput,
  interpolation: InterpolationInput,
  attack: PgdInput,
  protocol: SelectionProtocol,
};

interface Ids {
  checkpoint?: string | null;
  base?: string | null;
  tuned?: string | null;
  merge?: readonly string[] | null;
  device?: string | null;
  model?: { checkpoint?: string | null };
}

/** Global ids become row ids; an id that no row can have becomes null, which the services report as unknown. */
export function withRows(input: Ids): object {
  const rows: Record<string, unknown> = { ...input };
  for (const field of ['checkpoint', 'base', 'tuned'] as const) {
    if (typeof input[field] === 'string') rows[field] = rowOf('Checkpoint', input[field], ['input', field]) ?? -1;
  }
  if (input.merge) rows.merge = input.merge.map((id, index) => rowOf('Checkpoint', id, ['input', 'merge', index]) ?? -1);
  if (typeof input.device === 'string') rows.device = rowOf('Device', input.device, ['input', 'device']) ?? -1;
  const { model } = input;
  if (typeof model?.checkpoint === 'string') {
    rows.model = { ...model, checkpoint: rowOf('Checkpoint', model.checkpoint, ['input', 'model', 'checkpoint']) ?? -1 };
  }
  return rows;
}

function start(
  name: keyof typeof requests,
  description: string,
  inputDescription: string,
  act: (session: Session, input: unknown) => Promise<RunRecord>,
): void {
  const typeName = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  const type = inputFrom(typeName, requests[name], { description: inputDescription, types });
  builder.mutationField(name, (t) =>
    t.field({
      type: Run,
      description,
      args: { input: t.arg({ type, required: true, description: 'What to do.' }) },
      resolve: (_root, { input }, session) => act(session, withRows(input as Ids)),
    }),
  );
}

const answers = 'Answers at once with a QUEUED run; all checking that needs no data is done before.';

start('startTraining', `Trains a network from scratch. ${answers}`, 'A training.', startTraining);
start(
  'startRift',
  `Does all of RiFT: scores modules, fine-tunes the chosen one, interpolates, measures. ${answers}`,
  'A RiFT run.',
  startRift,
);
start('startCriticality', `Scores the modules of a checkpoint. ${answers}`, 'A scoring of modules.', startCriticality);
start(
  'startFineTune',
  `Fine-tunes modules of a checkpoint, on clean data or by another objective. ${answers}`,
  'A fine-tuning.',
  startFineTune,
);
start('startInterpolation', `Measures the weights between two checkpoints. ${answers}`, 'An interpolation.', startInterpolation);
start('startEvaluation', `Measures a checkpoint. ${answers}`, 'An evaluation.', startEvaluation);
