/** Every measurement is kept once and has a name of its own; what an interrupted evaluation still has to take follows from that. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeWeights } from '../../../engine/index.ts';
import { type Artifacts, openArtifacts } from '../../../server/store/artifacts.ts';
import { keepWeights, recordCheckpoint } from '../../../server/store/checkpoints.ts';
import { type KeptEvaluation, recordEvaluation } from '../../../server/store/recording.ts';
import { recordOutcome } from '../../../server/tasks/outcome.ts';
import { prepareStage } from '../../../server/tasks/prepare.ts';
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts';

let fresh: FreshDatabase;
let folder: string;
let artifacts: Artifacts;

beforeAll(async () => {
  fresh = await freshDatabase();
  folder = await mkdtemp(join(tmpdir(), 'riftlab-test-results-'));
  artifacts = await openArtifacts(join(folder, 'artifacts'));
});
afterAll(async () => {
  await fresh.drop();
  await rm(folder, { recursive: true, force: true });
});

it('an evaluation of several attacks and 75 corruptions keeps them apart', async () => {
  const { prisma } = fresh.database;
  const project = await prisma.project.create({ data: { name: 'p' } });
  const config = { dataset: 'mnist', protocol: 'HOLD_OUT', evaluation: {} };
  const data = {
    projectId: project.id,
    name: 'r',
    kind: 'EVALUATION' as const,
    config,
    stages: { create: { position: 0, name: 'EVALUATION' as const } },
  };
  const run = (await prisma.run.create({ data })).id;
  const file = join(folder, 'weights.safetensors');
  await writeFile(file, writeWeights({ 'fc.weight': { shape: [4, 2], dtype: 'float32', data: new Float32Array(8) } }));
  const about = { name: 'w', architecture: 'SMALL_CNN', dataset: 'mnist', variant: null, trainedHere: true, producedBy: null };
  const checkpoint = await recordCheckpoint(prisma, await keepWeights(artifacts, file), about);
  await prisma.runCheckpoint.create({ data: { runId: run, checkpointId: checkpoint, role: 'INPUT', label: 'base' } });

  const fingerprints: string[] = [];
  const measure = async (about: Partial<KeptEvaluation>, correct: number) => {
    const fingerprint = String(fingerprints.length).padStart(64, '0');
    fingerprints.push(fingerprint);
    const result = { suite: 'OOD' as const, dataset: 'mnist', split: 'test' as const, images: 100, protocol: fingerprint, fingerprint };
    for (let time = 0; time < 2; time++) await recordEvaluation(prisma, run, checkpoint, { ...result, ...about, correct });
  };
  await measure({ suite: 'STANDARD' }, 90);
  await measure({ suite: 'ADVERSARIAL', attack: { name: 'PGD' } }, 50);
  await measure({ suite: 'ADVERSARIAL', attack: { name: 'SQUARE' }, trust: 'SUSPECT', findings: ['Stronger without a gradient.'] }, 60);
  for (let corruption = 0; corruption < 15; corruption++)
    for (let severity = 1; severity <= 5; severity++) await measure({ corruption: `c${corruption}`, severity }, 100 - 10 * severity);
  expect(await prisma.evaluation.count({ where: { runId: run } })).toBe(78);

  const prepared = await prepareStage(prisma, artifacts, run, 'EVALUATION', folder);
  expect(prepared.work).toMatchObject({ name: 'EVALUATION', parts: [{ done: fingerprints }] });

  await prisma.$transaction((transaction) => recordOutcome(transaction, prepared, { name: 'EVALUATION' }, undefined));
  const summaries = await prisma.metricSummary.findMany({ where: { runId: run }, include: { key: true } });
  const metrics = Object.fromEntries(summaries.map(({ key, last }) => [key.name, last]));
  expect(Object.keys(metrics)).toHaveLength(79);
  expect(metrics).toMatchObject({ standard: 0.9, robust: 0.5, 'suspect.robust.SQUARE': 0.6, 'ood.c0.1': 0.9, 'ood.c14.5': 0.5 });
  expect(metrics.ood).toBeCloseTo(0.7, 12);
});
