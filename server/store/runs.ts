/** Runs as rows: made with all that belongs to them, and changed. */
import type { Transaction } from './database.ts';
import type { Prisma } from './generated/client.ts';
import type { RunKind, RunRecord } from './records.ts';
import { lockRun } from './stages.ts';

export interface NewRun {
  projectId: number;
  /** Made from the id where it is null. */
  name: string | null;
  kind: RunKind;
  createdById: string;
  config: object;
  seed: number;
  wantedDeviceId: number | null;
  /** The run whose training this one shares. */
  trainingOfId?: number;
  params: { key: string; value: string }[];
  tags: { key: string; value: string }[];
  inputs: { checkpointId: number; label: string }[];
}

export async function createRun(transaction: Transaction, run: NewRun, nameOf: (id: number) => string): Promise<RunRecord> {
  const { params, tags, inputs, name, config, ...columns } = run;
  const created = await transaction.run.create({
    data: {
      ...columns,
      config: config as Prisma.InputJsonObject,
      name: name ?? '',
      params: { createMany: { data: params } },
      tags: { createMany: { data: tags } },
      checkpoints: { createMany: { data: inputs.map((input) => ({ ...input, role: 'INPUT' as const })) } },
    },
  });
  if (name !== null) return created;
  return transaction.run.update({ where: { id: created.id }, data: { name: nameOf(created.id) } });
}

export interface RunChange {
  name?: string;
  notes?: string;
  notesBefore?: string;
  setTags?: { key: string; value: string }[];
  deleteTags?: string[];
}

/** Null, and nothing done, when the notes are not notesBefore. */
export async function changeRun(transaction: Transaction, id: number, change: RunChange): Promise<RunRecord | null> {
  const { name, notes, notesBefore } = change;
  const where = { id, ...(notesBefore !== undefined && { notes: notesBefore }) };
  await lockRun(transaction, id);
  if ((await transaction.run.updateMany({ where, data: { name, notes } })).count === 0) return null;
  if (change.deleteTags) await transaction.runTag.deleteMany({ where: { runId: id, key: { in: change.deleteTags } } });
  for (const { key, value } of change.setTags ?? []) {
    await transaction.runTag.upsert({ where: { runId_key: { runId: id, key } }, update: { value }, create: { runId: id, key, value } });
  }
  return transaction.run.findUniqueOrThrow({ where: { id } });
}
