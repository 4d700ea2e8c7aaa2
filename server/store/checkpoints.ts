/** Stored weights. A checkpoint with a base keeps only the tensors that differ from it; reading puts the whole file together again. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ArchitectureOptions, Normalisation } from '../../engine/index.ts';
import { type Artifact, type Artifacts, DamageError, recordArtifact } from './artifacts.ts';
import { recordingDamage } from './damage.ts';
import type { Transaction } from './database.ts';
import { hashFile } from './file-hash.ts';
import type { Prisma } from './generated/client.ts';
import { countParameters, describeModules, type ModuleRecord, ownerOf } from './modules.ts';
import { readLayout, type SafetensorsLayout, type TensorPlace, writeHead } from './safetensors.ts';
import { overlay, readSegments, type Segment } from './segments.ts';

/** The whole weights of a checkpoint, as a safetensors file. */
export interface CheckpointFile {
  id: number;
  sha256: string;
  bytes: number;
  /**
   * Bytes start to end, end not included; the whole file by default. The whole file is hashed on its way: where it is not what
   * it should be, the stream fails with a DamageError before its end.
   */
  read(start?: number, end?: number): Readable;
}

/** Weights whose bytes are kept, not yet recorded. */
export interface KeptWeights {
  /** SHA-256 and length of the whole safetensors file. */
  sha256: string;
  bytes: number;
  /** What is kept for them; null when they are their base's, byte for byte. */
  artifact: Artifact | null;
  parameters: number;
  modules: ModuleRecord[];
  base: number | null;
  /** In network order; empty without a base. */
  changedModules: string[];
}

export interface CheckpointAbout {
  name: string;
  /** How it was first stored: as safetensors when absent. */
  format?: string;
  architecture: string;
  /** With the architecture's defaults filled in. */
  architectureOptions?: ArchitectureOptions;
  /** What pixels are normalised with; that of the dataset when null. */
  normalisation?: Normalisation | null;
  dataset: string | null;
  variant: string | null;
  /** True when the training left the holdout split out. */
  trainedHere: boolean;
  /** Splits that chose its epoch, modules or alpha, or those of what it comes from. */
  chosenOn?: string[];
  /** Training images that it, or what it comes from, has seen. */
  trainedOn?: string[];
  /** How many images of the training split those were, from the front; all, or not known, when absent. */
  trainImages?: number | null;
  producedBy: number | null;
}

/**
 * Keeps the weights of a safetensors file. With a base of the same layout, only the tensors that differ are kept.
 * Nothing is recorded: that is recordCheckpoint's part, in the caller's transaction.
 * @param known hash and length of the file, where they were just computed; nobody may change it any more
 */
export async function keepWeights(artifacts: Artifacts, path: string, base?: CheckpointFile, known?: Artifact): Promise<KeptWeights> {
  const layout = await readLayout(path);
  const file = await open(path, 'r');
  const read = async ({ start, end }: TensorPlace) => (await file.read(Buffer.alloc(end - start), 0, end - start, start)).buffer;
  try {
    const { sha256, bytes } = known ?? (await hashFile(path));
    const used = usedTensors(layout);
    const about = { sha256, bytes, parameters: countParameters(used), modules: await describeModules(used, read) };
    if (base?.sha256 === sha256) return { ...about, artifact: null, base: base.id, changedModules: [] };
    const changed = base && (await sameHead(layout, base)) ? await differing(layout, read, base) : undefined;
    if (!base || !changed || changed.length === layout.tensors.length)
      return { ...about, artifact: await artifacts.addFile(path, known), base: null, changedModules: [] };
    const artifact = await artifacts.add(tensorFile(changed, read));
    return { ...about, artifact, base: base.id, changedModules: [...new Set(changed.map(({ name }) => ownerOf(name)))] };
  } finally {
    await file.close();
  }
}

/** Records kept weights and returns the checkpoint's id; weights that are already recorded keep their row. */
export async function recordCheckpoint(transaction: Transaction, kept: KeptWeights, about: CheckpointAbout): Promise<number> {
  if (kept.artifact === null) {
    const known = await transaction.checkpoint.findUniqueOrThrow({ where: { sha256: kept.sha256 }, select: { id: true } });
    return known.id;
  }
  await recordArtifact(transaction, kept.artifact);
  const { producedBy, architectureOptions = {}, normalisation, ...described } = about;
  const checkpoint = await transaction.checkpoint.upsert({
    where: { sha256: kept.sha256 },
    update: {},
    create: {
      ...described,
      architectureOptions: architectureOptions as Prisma.InputJsonObject,
      ...(normalisation && { normalisation: normalisation as unknown as Prisma.InputJsonObject }),
      sha256: kept.sha256,
      artifactSha256: kept.artifact.sha256,
      parameters: kept.parameters,
      bytes: kept.bytes,
      modules: kept.modules as unknown as Prisma.InputJsonValue,
      producedById: producedBy,
      baseId: kept.base,
      changedModules: kept.changedModules,
    },
    select: { id: true },
  });
  return checkpoint.id;
}

/**
 * Undefined for an unknown checkpoint. Throws DamageError when bytes that it needs are gone or others; that is recorded, so the
 * caller must not be inside a transaction.
 */
export async function openCheckpoint(database: Transaction, artifacts: Artifacts, id: number): Promise<CheckpointFile | undefined> {
  const row = await database.checkpoint.findUnique({ where: { id }, select: { sha256: true, artifactSha256: true } });
  if (!row) return undefined;
  const segments = await recordingDamage(database, () => segmentsOf(database, artifacts, id));
  const bytes = segments.reduce((sum, { length }) => sum + length, 0);
  const damaged = (found: string) =>
    new DamageError(row.artifactSha256, `Checkpoint-${id} is damaged: the SHA-256 of its bytes is ${found}.`);
  return {
    id,
    sha256: row.sha256,
    bytes,
    read(start = 0, end = bytes) {
      const content = readSegments(segments, start, end);
      const isWhole = start === 0 && end === bytes;
      return Readable.from(isWhole ? hashed(content, row.sha256, damaged) : content, { objectMode: false });
    },
  };
}

/**
 * Keeps the weights of a file, which are those of this checkpoint, once more: what of them was damaged is whole then.
 * known: hash and length of the file. Throws DamageError where what the checkpoint is stored as a difference to is damaged itself.
 */
export async function repairCheckpoint(
  database: Transaction,
  artifacts: Artifacts,
  id: number,
  { path, known }: { path: string; known: Artifact },
): Promise<void> {
  const { baseId } = await database.checkpoint.findUniqueOrThrow({ where: { id }, select: { baseId: true } });
  const base = baseId === null ? undefined : await openCheckpoint(database, artifacts, baseId);
  await keepWeights(artifacts, path, base, known);
  await openCheckpoint(database, artifacts, id);
}

/** Passes chunks on, the last one only when all of them together have this SHA-256. */
async function* hashed(content: AsyncIterable<Buffer>, sha256: string, damaged: (found: string) => Error): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let last: Buffer | undefined;
  for await (const chunk of content) {
    hash.update(chunk);
    if (last) yield last;
    last = chunk;
  }
  const found = hash.digest('hex');
  if (found !== sha256) throw damaged(found);
  if (last) yield last;
}

async function segmentsOf(database: Transaction, artifacts: Artifacts, id: number): Promise<Segment[]> {
  const { artifactSha256, baseId, bytes } = await database.checkpoint.findUniqueOrThrow({ where: { id } });
  const path = await artifacts.locate(artifactSha256);
  await database.artifact.updateMany({ where: { sha256: artifactSha256, damage: { not: null } }, data: { damage: null } });
  if (baseId === null) return [{ path, start: 0, length: Number(bytes) }];
  const base = await segmentsOf(database, artifacts, baseId);
  return overlay(base, path, await readLayout(path));
}

/** Without what the official class of the network has and never uses, as the file's metadata says. */
function usedTensors({ tensors, metadata: { unused } }: SafetensorsLayout): TensorPlace[] {
  return unused ? tensors.filter(({ name }) => !name.startsWith(unused)) : tensors;
}

async function sameHead(layout: SafetensorsLayout, base: CheckpointFile): Promise<boolean> {
  return layout.head.equals(await bytesOf(base.read(0, layout.head.length)));
}

async function differing(
  { tensors }: SafetensorsLayout,
  read: (tensor: TensorPlace) => Promise<Buffer>,
  base: CheckpointFile,
): Promise<TensorPlace[]> {
  const changed: TensorPlace[] = [];
  for (const tensor of tensors) if (!(await read(tensor)).equals(await bytesOf(base.read(tensor.start, tensor.end)))) changed.push(tensor);
  return changed;
}

async function* tensorFile(tensors: readonly TensorPlace[], read: (tensor: TensorPlace) => Promise<Buffer>): AsyncGenerator<Buffer> {
  yield writeHead(tensors);
  for (const tensor of tensors) yield await read(tensor);
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
