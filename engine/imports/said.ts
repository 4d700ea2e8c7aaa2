/** What a file that was downloaded from a RiftLab says of itself. It is only believed where it fits. */
import { z } from 'zod';
import { trainingConfig, variantNames } from '../config.ts';
import { findDataset } from '../data/catalogue.ts';
import { architectureNames, checkOptions } from '../models/architectures.ts';
import type { CheckpointFile } from '../weights/foreign-file.ts';

const numbers = z.array(z.number()).max(16);
const normalisation = z.object({ mean: numbers, sd: z.array(z.number().positive()).max(16) });

/** As far as it is known here; another program's words are none. */
export function saidBy({ metadata }: Pick<CheckpointFile, 'metadata'>) {
  const architecture = known(architectureNames, metadata.architecture);
  const dataset = knownDataset(metadata.dataset);
  if (architecture === undefined || dataset === undefined) return {};
  const options = jsonOf(metadata.architectureOptions);
  const pixels = normalisation.safeParse(jsonOf(metadata.normalisation)).data;
  const training = { ...(jsonOf(metadata.training) as object | undefined), architecture, dataset };
  try {
    return {
      architecture,
      architectureOptions: checkOptions(architecture, (options ?? {}) as Record<string, unknown>),
      dataset,
      variant: known(variantNames, metadata.variant),
      normalisation: pixels && { mean: pixels.mean, deviation: pixels.sd },
      /** JSON. */
      training: trainingConfig.safeParse(training).success ? metadata.training : undefined,
    };
  } catch {
    return {};
  }
}

const known = <Name extends string>(names: readonly Name[], name: string | undefined) => names.find((one) => one === name);

function knownDataset(name: string | undefined): string | undefined {
  try {
    return name === undefined ? undefined : findDataset(name).name;
  } catch {
    return undefined;
  }
}

function jsonOf(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
