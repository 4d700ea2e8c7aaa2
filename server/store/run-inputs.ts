/** What a stage is told about its run: the configuration and the checkpoints by their labels. */
import type { ArchitectureOptions, Normalisation } from '../../engine/index.ts';
import type { Transaction } from './database.ts';
import type { CheckpointRole, RunKind } from './generated/enums.ts';
import type { ModuleRecord } from './modules.ts';

export interface LinkedCheckpoint {
  id: number;
  label: string;
  role: CheckpointRole;
  architecture: string;
  architectureOptions: ArchitectureOptions;
  normalisation: Normalisation | null;
  dataset: string | null;
  variant: string | null;
  trainedHere: boolean;
  /** In network order. */
  modules: ModuleRecord[];
  changedModules: string[];
  /** Of it and everything that it comes from. */
  chosenOn: string[];
  trainedOn: string[];
  /** Images of the training split that trained it, from the front; null when all, or when it is not known. */
  trainImages: number | null;
}

export interface RunInputs {
  id: number;
  name: string;
  kind: RunKind;
  config: unknown;
  seed: number;
  checkpoints: LinkedCheckpoint[];
}

/** Whether a label is that of a checkpoint which is merged with the one labelled `tuned`. */
export const isMerged = (label: string) => /^tuned \d+$/.test(label);

export async function readRunInputs(transaction: Transaction, run: number): Promise<RunInputs> {
  const row = await transaction.run.findUniqueOrThrow({
    where: { id: run },
    include: { checkpoints: { include: { checkpoint: true } } },
  });
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    config: row.config,
    seed: row.seed ?? 0,
    checkpoints: row.checkpoints.map(({ label, role, checkpoint }) => ({
      id: checkpoint.id,
      label,
      role,
      architecture: checkpoint.architecture,
      architectureOptions: checkpoint.architectureOptions as ArchitectureOptions,
      normalisation: checkpoint.normalisation as unknown as Normalisation | null,
      dataset: checkpoint.dataset,
      variant: checkpoint.variant,
      trainedHere: checkpoint.trainedHere,
      modules: checkpoint.modules as unknown as ModuleRecord[],
      changedModules: checkpoint.changedModules,
      chosenOn: checkpoint.chosenOn,
      trainedOn: checkpoint.trainedOn,
      trainImages: checkpoint.trainImages,
    })),
  };
}

/** Says what a checkpoint is to the run: `trained`, `fine-tuned`, `selected`. */
export async function linkOutput(transaction: Transaction, run: number, checkpoint: number, label: string): Promise<void> {
  const runId_role_label = { runId: run, role: 'OUTPUT' as const, label };
  await transaction.runCheckpoint.upsert({
    where: { runId_role_label },
    update: { checkpointId: checkpoint },
    create: { ...runId_role_label, checkpointId: checkpoint },
  });
}
