/** Checkpoints: listing and finding. Their bytes leave through server/http/checkpoints.ts. */
import { NotFoundError } from '../errors.ts';
import { liveCheckpoint } from '../store/deletion.ts';
import { checkpointVocabulary } from '../store/filter/vocabulary.ts';
import { countRows, listIds } from '../store/listing.ts';
import { type PageChoice, pageOf } from './page-size.ts';
import type { CheckpointRecord, Page } from './records.ts';
import type { Session } from './session.ts';

export interface CheckpointList extends PageChoice {
  filter?: string | null;
}

const choose = (filter: string | null | undefined) => ({
  table: '"Checkpoint"' as const,
  vocabulary: checkpointVocabulary,
  where: [() => liveCheckpoint],
  filter: filter ?? null,
});

/** Newest first. */
export async function listCheckpoints(session: Session, list: CheckpointList): Promise<Page<CheckpointRecord>> {
  const order = [{ by: 'created', direction: 'DESC' as const }];
  const page = await listIds(session.lab.database, { ...pageOf(list), ...choose(list.filter), order });
  const found = await session.load.checkpoint.loadMany(page.items);
  return { ...page, items: found.filter((item): item is CheckpointRecord => item !== null && !(item instanceof Error)) };
}

export const countCheckpoints = (session: Session, filter: string | null | undefined) => countRows(session.lab.database, choose(filter));

/** Throws NotFoundError with the argument's path. */
export async function needCheckpoint(session: Session, id: number | null, path: readonly (string | number)[]): Promise<CheckpointRecord> {
  const checkpoint = id === null ? null : await session.load.checkpoint.load(id);
  if (!checkpoint) throw new NotFoundError('There is no such checkpoint. The checkpoints query lists those that exist.', path);
  return checkpoint;
}

/** The path that downloads it as safetensors. */
/** A path on the server's host: the base path, where there is one, is part of it. */
export const checkpointUrl = ({ home }: Session, id: number) =>
  `${new URL(home).pathname.replace(/\/$/, '')}/api/checkpoints/Checkpoint-${id}`;
