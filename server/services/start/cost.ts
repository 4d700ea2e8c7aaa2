/** What a run that is about to start will cost, from the engine's model of its stages. */
import { type Experiment, readExperiment, type StageName } from '../../../engine/config.ts';
import { type NetworkForm, type Plan, type StageWork, workOfStages } from '../../../engine/index.ts';
import { formOf } from '../../store/network-form.ts';
import type { CheckpointRecord } from '../records.ts';

/** A run as far as its cost depends on it. */
interface Planned {
  /** As it will be recorded. */
  config: object;
  stages: readonly StageName[];
  base?: CheckpointRecord;
}

function trainedForm({ training }: Experiment): NetworkForm {
  if (!training) throw new Error('A run without weights to start from trains some.');
  const { architecture, architectureOptions } = training;
  return { architecture, architectureOptions };
}

function planOf({ config, stages, base }: Planned): Plan {
  const experiment = readExperiment(config);
  return {
    stages,
    ...(base ? formOf(base) : trainedForm(experiment)),
    trainedHere: base?.trainedHere ?? true,
    experiment,
    trainImages: experiment.fineTune?.trainImages ?? experiment.training?.trainImages ?? base?.trainImages ?? undefined,
    evaluated: stages.includes('INTERPOLATION') ? 2 : 1,
  };
}

export const costOf = (run: Planned): Promise<StageWork[]> => workOfStages(planOf(run));

/** Multiply-adds by stage. */
export async function worksOf(run: Planned): Promise<Map<StageName, number>> {
  return new Map((await costOf(run)).map(({ name, work }) => [name, work]));
}
