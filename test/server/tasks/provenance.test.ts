/** A checkpoint remembers which splits chose it and which images trained it, through everything that it comes from. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findDataset, type Weights, writeWeights } from '../../../engine/index.ts';
import { buildNetwork } from '../../../engine/models/architectures.ts';
import { initialWeights } from '../../../engine/weights/initial.ts';
import { type Artifacts, DamageError, openArtifacts } from '../../../server/store/artifacts.ts';
import { damageOfCheckpoints } from '../../../server/store/damage.ts';
import { keepOutcome, recordOutcome } from '../../../server/tasks/outcome.ts';
import { prepareStage } from '../../../server/tasks/prepare.ts';
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts';
import { smallRift, smallTraining } from '../../helpers/runs.ts';

let fresh: FreshDatabase;
let folder: string;
let artifacts: Artifacts;

beforeAll(async () => {
  fresh = await freshDatabase();
  folder = await mkdtemp(join(tmpdir(), 'riftlab-test-provenance-'));
  artifacts = await openArtifacts(join(folder, 'artifacts'));
});
afterAll(async () => {
  await fresh.drop();
  await rm(folder, { recursive: true, force: true });
});

const weights = (seed: number): Weights => initialWeights(buildNetwork('SMALL_CNN', {}, findDataset('mnist')), seed);

async function addRun(config: object, base?: number): Promise<number> {
  const { prisma } = fresh.database;
  const project = await prisma.project.upsert({ where: { name: 'tests' }, update: {}, create: { name: 'tests' } });
  const stages = ['TRAINING', 'CRITICALITY', 'FINE_TUNE', 'INTERPOLATION', 'EVALUATION'] as const;
  const run = await prisma.run.create({
    data: {
      projectId: project.id,
      name: 'r',
      kind: 'RIFT',
      config,
      stages: { create: stages.map((name, position) => ({ name, position })) },
    },
  });
  if (base !== undefined) await prisma.runCheckpoint.create({ data: { runId: run.id, checkpointId: base, role: 'INPUT', label: 'base' } });
  return run.id;
}

/** Finishes a stage with these weights as its outcome; returns what the engine was asked to do and the checkpoint's row. */
async function finish(run: number, stage: 'TRAINING' | 'FINE_TUNE' | 'INTERPOLATION', seed: number, chosenOn: string, trainedOn?: string) {
  const { prisma } = fresh.database;
  const prepared = await prepareStage(prisma, artifacts, run, stage, folder);
  const weightsFile = join(folder, `${stage}.safetensors`);
  await writeFile(weightsFile, writeWeights(weights(seed)));
  const selected = { alpha: 0.5, standard: 0.9, robust: 0.5, images: 64, split: 'holdout' as const };
  const normalisation = { mean: [0], deviation: [1] };
  const outcome = { name: stage, weightsFile, selected, normalisation, provenance: { chosenOn, trainedOn } };
  const kept = await keepOutcome(prisma, artifacts, prepared, outcome);
  await prisma.$transaction((transaction) => recordOutcome(transaction, prepared, outcome, kept));
  const link = await prisma.runCheckpoint.findFirstOrThrow({ where: { runId: run, role: 'OUTPUT' }, orderBy: { checkpointId: 'desc' } });
  const row = await prisma.checkpoint.findUniqueOrThrow({ where: { id: link.checkpointId } });
  return { work: prepared.work, row };
}

describe('a stage', () => {
  it('is not prepared from damaged weights, nor from settings that nothing would read', async () => {
    const trained = await finish(await addRun(smallRift), 'TRAINING', 9, 'holdout', 'mnist train[0:64]');
    const config = { ...smallRift, model: { checkpoint: `Checkpoint-${trained.row.id}` } };
    const run = await addRun(config, trained.row.id);
    const ignored = await addRun({ ...config, fineTune: { modules: ['classifier.fc1'] } }, trained.row.id);
    await expect(prepareStage(fresh.database.prisma, artifacts, ignored, 'FINE_TUNE', folder)).rejects.toThrow(
      "The run's configuration cannot be carried out: fineTune.modules: Only NAMED takes modules",
    );
    const path = await artifacts.locate(trained.row.artifactSha256);
    const bytes = await readFile(path);
    bytes[bytes.length - 2] = (bytes[bytes.length - 2] as number) ^ 8;
    await writeFile(path, bytes);
    await expect(prepareStage(fresh.database.prisma, artifacts, run, 'EVALUATION', folder)).rejects.toThrow(DamageError);
    expect(await damageOfCheckpoints(fresh.database, [trained.row.id])).toMatchObject([{ id: trained.row.id }]);
  });
});

describe('a checkpoint', () => {
  it('has the options and the normalisation of its network, and hands them on', async () => {
    const training = {
      ...smallTraining,
      architecture: 'SEQUENTIAL',
      architectureOptions: { layers: [{ type: 'flatten' }, { type: 'linear' }] },
    };
    const trained = await finish(await addRun({ ...smallRift, model: { training } }), 'TRAINING', 11, 'holdout');
    const layers = [{ type: 'flatten' }, { type: 'linear', bias: true }];
    const identity = { mean: [0], deviation: [1] };
    expect(trained.row).toMatchObject({ architecture: 'SEQUENTIAL', architectureOptions: { layers }, normalisation: identity });
    const normalisation = { mean: [0.1307], deviation: [0.3081] };
    await fresh.database.prisma.checkpoint.update({ where: { id: trained.row.id }, data: { normalisation } });
    const config = { ...smallRift, model: { checkpoint: `Checkpoint-${trained.row.id}` } };
    const tuned = await finish(await addRun(config, trained.row.id), 'FINE_TUNE', 12, 'holdout');
    expect(tuned.work).toMatchObject({ model: { architecture: 'SEQUENTIAL', architectureOptions: { layers }, normalisation } });
    expect(tuned.row).toMatchObject({ architecture: 'SEQUENTIAL', architectureOptions: { layers }, normalisation });
  });

  it('stays chosen on test, and trained on a subset, whatever is done to it', async () => {
    const paper = await addRun({ ...smallRift, protocol: 'PAPER', model: { training: { ...smallTraining, trainImages: 2000 } } });
    const trained = await finish(paper, 'TRAINING', 1, 'test', 'mnist train[0:2000]');
    expect(trained.row).toMatchObject({ chosenOn: ['test'], trainedOn: ['mnist train[0:2000]'], trainImages: 2000 });

    const config = { ...smallRift, protocol: 'HOLD_OUT', model: { checkpoint: `Checkpoint-${trained.row.id}` } };
    const honest = await addRun(config, trained.row.id);
    const tuned = await finish(honest, 'FINE_TUNE', 2, 'holdout', 'mnist train[0:2000]');
    expect(tuned.work).toMatchObject({ trainImages: 2000 });
    expect(tuned.row).toMatchObject({ chosenOn: ['test', 'holdout'], trainedOn: ['mnist train[0:2000]'], trainImages: 2000 });
    const selected = await finish(honest, 'INTERPOLATION', 3, 'holdout');
    expect(selected.row).toMatchObject({ chosenOn: ['test', 'holdout'], trainedOn: ['mnist train[0:2000]'], trainImages: 2000 });

    const again = await addRun({ ...config, fineTune: { select: 'LAST' } }, selected.row.id);
    expect((await finish(again, 'FINE_TUNE', 4, 'holdout', 'mnist train[0:2000]')).work).toMatchObject({ trainImages: 2000 });
    const more = await addRun({ ...config, fineTune: { select: 'LAST', trainImages: 500 } }, selected.row.id);
    const less = await finish(more, 'FINE_TUNE', 5, 'holdout', 'mnist train[0:500]');
    expect(less.work).toMatchObject({ trainImages: 500 });
    expect(less.row.trainedOn).toEqual(['mnist train[0:2000]', 'mnist train[0:500]']);
  });
});
