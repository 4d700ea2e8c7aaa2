/** A run's recorded configuration, read back for its stages. Sections that are absent take the engine's defaults. */
import { z } from 'zod';
import {
  criticalityConfig,
  fineTuneConfig,
  interpolationConfig,
  measureConfig,
  pgdConfig,
  selectionProtocols,
  trainingConfig,
} from '../../engine/config.ts';
import { EngineError } from '../../engine/errors.ts';

const runConfig = z
  .object({
    dataset: z.string().nullish(),
    protocol: z.enum(selectionProtocols).nullish(),
    training: trainingConfig.nullish(),
    model: z.object({ training: trainingConfig.nullish() }).nullish(),
    criticality: criticalityConfig.nullish(),
    fineTune: fineTuneConfig.nullish(),
    interpolation: interpolationConfig.nullish(),
    evaluation: measureConfig.nullish(),
    attack: pgdConfig.nullish(),
  })
  .transform((value) => {
    const training = value.training ?? value.model?.training ?? undefined;
    const evaluation = value.evaluation ?? measureConfig.parse({ attack: training?.attack });
    return {
      dataset: value.dataset ?? training?.dataset,
      protocol: value.protocol ?? ('HOLD_OUT' as const),
      training,
      criticality: value.criticality ?? criticalityConfig.parse({}),
      fineTune: value.fineTune ?? fineTuneConfig.parse({}),
      interpolation: value.interpolation ?? interpolationConfig.parse({}),
      evaluation,
      attack: value.criticality?.attack ?? value.attack ?? evaluation.attack,
    };
  });

export type RunConfig = z.infer<typeof runConfig>;

/** Throws EngineError with the place for a configuration that no start mutation of this version writes. */
export function readRunConfig(config: unknown): RunConfig {
  const { data, error } = runConfig.safeParse(config);
  if (data) return data;
  const [issue] = error.issues;
  throw new EngineError(
    `The run's configuration cannot be carried out: ${issue?.path.join('.')}: ${issue?.message}`,
    'Start the run again.',
  );
}
