/** Checkpoints from elsewhere: an upload becomes one, or is refused with what would have to change. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { variantNames } from '../../engine/config.ts';
import { architectureNames, type Found, type Imported, importFile, ownForms } from '../../engine/index.ts';
import { BadInputError, ConflictError, LimitExceededError } from '../errors.ts';
import { DamageError } from '../store/artifacts.ts';
import { findCheckpointByHash } from '../store/checkpoint-hash.ts';
import { type KeptWeights, keepWeights, openCheckpoint, recordCheckpoint, repairCheckpoint } from '../store/checkpoints.ts';
import { becomeCheckpoint, removeUpload, touchUpload } from '../store/uploads.ts';
import { act } from './act.ts';
import { needCheckpoint } from './checkpoints.ts';
import { globalId } from './identity.ts';
import { check } from './input.ts';
import { readDatasets } from './networks.ts';
import { permit } from './permission.ts';
import type { CheckpointRecord, UploadRecord } from './records.ts';
import type { Session } from './session.ts';
import { needUpload } from './uploads.ts';

export const normalisationRequest = z
  .object({
    mean: z.array(z.number().min(-1000).max(1000)).min(1).max(16).describe('Mean of each channel, of pixels in [0, 1].'),
    sd: z.array(z.number().positive().max(1000)).min(1).max(16).describe('Standard deviation of each channel, of pixels in [0, 1].'),
  })
  .refine(({ mean, sd }) => mean.length === sd.length, { path: ['sd'], message: 'One value for each channel, as many as in mean.' });

/** upload: its row. */
export const importRequest = z.object({
  upload: z.int().describe('What PUT /api/uploads answered.'),
  name: z.string().trim().min(1).max(200).optional().describe('Name of the checkpoint; made from network and data when absent.'),
  architecture: z.enum(architectureNames).optional().describe('Form of the network; found out from names and shapes when absent.'),
  architectureOptions: z.record(z.string(), z.unknown()).optional().describe('Options of the architecture; found out when absent.'),
  dataset: z.string().min(1).max(100).optional().describe('What the network is for; found out from its shapes when absent.'),
  variant: z.enum(variantNames).optional().describe('How it was trained; not known when absent.'),
  normalisation: normalisationRequest
    .optional()
    .describe("The network's own mean and deviation of each channel, of pixels in [0, 1]; the dataset's when absent."),
  stateDict: z
    .string()
    .max(500)
    .optional()
    .describe('Where the weights are inside the file, as model or ema.state_dict; a usual place when absent.'),
});
type ImportRequest = z.infer<typeof importRequest>;

/** What an upload holds, as far as it can be told, or why it cannot be imported so. */
export type ImportPreview = { found: Found; problem: null } | { found: null; problem: { message: string; path: string[] } };

/** Looks at an upload and changes nothing; a file that no setting can make into a checkpoint is deleted. */
export async function previewImport(session: Session, input: unknown): Promise<ImportPreview> {
  const { user } = permit(session, 'MEMBER');
  const { request, upload } = await readRequest(session, input);
  const { busy } = session.lab.receiving;
  try {
    return { found: await busy.withinPerson(user.id, () => readFile(session, request, upload)), problem: null };
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error;
    return { found: null, problem: { message: error.message, path: error.argumentPath.map(String) } };
  }
}

/** importNote: what the answer says where the weights were here already. */
export type ImportedCheckpoint = CheckpointRecord & { importNote?: string };

/** Makes a checkpoint of an upload. Sent again, it answers the same one. */
export async function importCheckpoint(session: Session, input: unknown): Promise<ImportedCheckpoint> {
  const { user } = permit(session, 'MEMBER');
  const { request, upload } = await readRequest(session, input);
  const importedAs = settingsOf(request);
  if (upload.checkpointId !== null) return alreadyImported(session, request, upload, importedAs);
  const { busy, files } = session.lab.receiving;
  return busy.withinPerson(user.id, () =>
    busy.alone(upload.id, async () => {
      const output = `${files.pathOf(upload.id)}-${randomUUID()}`;
      try {
        const found = await readFile(session, request, upload, output);
        const checkpoint = await keep(session, { request, upload, found, output, importedAs });
        await files.remove(upload.id);
        return checkpoint;
      } finally {
        await rm(output, { force: true });
      }
    }),
  );
}

async function readRequest(session: Session, input: unknown): Promise<{ request: ImportRequest; upload: UploadRecord }> {
  const request = check(importRequest, input, ['input']);
  if (request.architectureOptions && !request.architecture)
    throw new BadInputError('Name the architecture that the options are of.', ['input', 'architectureOptions']);
  const upload = await needUpload(session, request.upload, ['input', 'upload']);
  if (upload.sha256 === null)
    throw new BadInputError('Bytes of this upload are missing: go on with it first (GET /api/uploads/ID says how many are there).', [
      'input',
      'upload',
    ]);
  return { request, upload };
}

/** What decides which checkpoint an upload becomes; its name is no part of that. */
const settingsOf = ({ stateDict, architecture, architectureOptions, dataset, variant, normalisation }: ImportRequest) =>
  JSON.stringify([stateDict, architecture, architectureOptions, dataset, variant, normalisation]);

async function alreadyImported(
  session: Session,
  { name }: ImportRequest,
  upload: UploadRecord,
  importedAs: string,
): Promise<ImportedCheckpoint> {
  if (upload.importedAs !== importedAs) throw hasBecome(upload.checkpointId ?? 0);
  const checkpoint = await needCheckpoint(session, upload.checkpointId, ['input', 'upload']);
  return name === undefined || name === checkpoint.name ? checkpoint : { ...checkpoint, importNote: noteOf(checkpoint, name) };
}

/** That nothing of these weights is new, and what of the request was not taken. name: the one that was given. */
function noteOf({ id, name: kept, sha256 }: CheckpointRecord, name: string | undefined): string {
  const other = name !== undefined && name !== kept ? `, and not called "${name}"` : '';
  return `These weights are here already as ${globalId('Checkpoint', id)}, "${kept}" (the same SHA-256, ${sha256.slice(0, 12)}…): it was kept with its name and all that is recorded of it${other}.`;
}

const hasBecome = (checkpoint: number) =>
  new ConflictError(`This upload has become ${globalId('Checkpoint', checkpoint)}. Send the file again to import it with other settings.`, [
    'input',
    'upload',
  ]);

/** Throws BadInputError with the path of what is at fault. A file that is at fault itself is deleted. */
async function readFile(session: Session, request: ImportRequest, upload: UploadRecord, output?: string): Promise<Found> {
  const { database, receiving } = session.lab;
  const { stateDict, architecture, architectureOptions, dataset, variant, normalisation: given } = request;
  const normalisation = given && { mean: given.mean, deviation: given.sd };
  const wanted = { stateDict, architecture, architectureOptions, dataset, variant, normalisation };
  await touchUpload(database, upload.id);
  const file = receiving.files.pathOf(upload.id);
  const ownDatasets = ownForms(await readDatasets(session));
  const read = await receiving.busy.inTurn(async () => {
    const { checkpointId } = await needUpload(session, upload.id, ['input', 'upload']);
    if (checkpointId !== null) throw hasBecome(checkpointId);
    return importFile({ ...wanted, ownDatasets, file, output });
  });
  if (read.type === 'late')
    throw new LimitExceededError(`Reading the file took more than ${read.seconds} seconds. Try again when the server has less to do.`, [
      'input',
      'upload',
    ]);
  if (read.type === 'found') return read.found;
  if (read.fault === 'file') await removeUpload(database, receiving.files, upload.id);
  throw new BadInputError(inWords(read), ['input', read.fault === 'file' ? 'upload' : read.fault, ...read.place]);
}

const inWords = ({ message, hint }: Extract<Imported, { type: 'refused' }>) => [message, hint].filter(Boolean).join(' ');

interface Reading {
  request: ImportRequest;
  upload: UploadRecord;
  found: Found;
  output: string;
  importedAs: string;
}

/** Makes stored weights whole again where their bytes are gone or others: these are the right ones. Returns whether it had to. */
async function repair(
  { lab: { database, artifacts }, load }: Session,
  id: number,
  file: Parameters<typeof repairCheckpoint>[3],
): Promise<boolean> {
  const isDamaged = (error: unknown) => {
    if (error instanceof DamageError) return true;
    throw error;
  };
  if (!(await openCheckpoint(database.prisma, artifacts, id).then(() => false, isDamaged))) return false;
  try {
    await repairCheckpoint(database.prisma, artifacts, id, file);
    load.damage.clear(id);
    return true;
  } catch (error) {
    if (!isDamaged(error)) return false;
    throw new ConflictError(
      `${globalId('Checkpoint', id)} has these weights, is damaged, and is stored as its difference to a checkpoint that is damaged itself: import that one first. ${(error as Error).message}`,
      ['input', 'upload'],
    );
  }
}

/** Weights that are here already keep their checkpoint. */
async function keep(session: Session, { request, upload, found, output, importedAs }: Reading): Promise<ImportedCheckpoint> {
  const { database, artifacts } = session.lab;
  if (!found.written) throw new Error('The weights were not written.');
  const known = await findCheckpointByHash(database, found.written.sha256);
  const isRepaired = known !== null && (await repair(session, known, { path: output, known: found.written }));
  const kept = known === null ? await keepWeights(artifacts, output, undefined, found.written) : null;
  try {
    const id = await act(session, 'importCheckpoint', { ...request, sha256: upload.sha256 }, async (transaction) => {
      const checkpoint = kept ? await recordCheckpoint(transaction, kept, aboutOf(request, found)) : (known as number);
      await becomeCheckpoint(transaction, upload.id, checkpoint, importedAs);
      return { result: checkpoint, target: globalId('Checkpoint', checkpoint) };
    });
    session.load.checkpoint.clear(id);
    const checkpoint = await needCheckpoint(session, id, ['input', 'upload']);
    if (known === null) return checkpoint;
    const repaired = isRepaired ? ' Its stored bytes, which were damaged, are whole again.' : '';
    return { ...checkpoint, importNote: `${noteOf(checkpoint, request.name)}${repaired}` };
  } catch (error) {
    if (kept) await forget(session, kept);
    throw error;
  }
}

/** Bytes that were kept and are not recorded go. */
async function forget({ lab: { database, artifacts } }: Session, { sha256 }: KeptWeights): Promise<void> {
  if ((await findCheckpointByHash(database, sha256).catch(() => 0)) === null) await artifacts.remove(sha256);
}

const aboutOf = ({ name }: ImportRequest, { architecture, architectureOptions, normalisation, dataset, variant, format }: Found) => ({
  name: name ?? `${architecture} for ${dataset}, imported`,
  ...{ architecture, architectureOptions, normalisation, dataset, variant, format },
  trainedHere: false,
  producedBy: null,
});
