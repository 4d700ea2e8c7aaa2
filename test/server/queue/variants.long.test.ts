/** Variants, fine-tuning by another objective, and merged checkpoints through a real worker. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseSafetensors } from '../../../engine/weights/safetensors.ts';
import { openArtifacts } from '../../../server/store/artifacts.ts';
import { openCheckpoint } from '../../../server/store/checkpoints.ts';
import { openTestQueue, type TestQueue } from '../../helpers/queue.ts';
import { queueRun, smallRift, smallTraining, waitForRun } from '../../helpers/runs.ts';

let lab: TestQueue;

beforeAll(async () => {
  lab = await openTestQueue();
  lab.startWorker();
});

afterAll(() => lab.close());

const training = { ...smallTraining, variant: 'SCORE', options: { form: 'DDPM', beta: 3 }, schedule: 'COSINE', emaDecay: 0.9, patience: 9 };
const { attack } = smallTraining;

async function checkpointsOf(run: number) {
  const links = await lab.database.prisma.runCheckpoint.findMany({ where: { runId: run }, include: { checkpoint: true } });
  return Object.fromEntries(links.map(({ label, checkpoint }) => [label, checkpoint]));
}

async function metadataOf(id: number): Promise<Record<string, string>> {
  const file = await openCheckpoint(lab.database.prisma, await openArtifacts(join(lab.data, 'artifacts')), id);
  const chunks: Buffer[] = [];
  for await (const chunk of file?.read() ?? []) chunks.push(chunk as Buffer);
  return parseSafetensors(new Uint8Array(Buffer.concat(chunks))).metadata;
}

it('trains by SCORE, fine-tunes critical modules adversarially, and sweeps two fine-tunings of one base as one', async () => {
  const fineTune = { ...smallRift.fineTune, epochs: 1, select: 'ROBUST_CRITICAL', variant: 'PGD_AT', attack };
  const whole = await queueRun(lab.database, lab.queue, { config: { ...smallRift, model: { training }, fineTune } });
  await waitForRun(lab.database, whole, ['FINISHED']);
  const { trained, 'fine-tuned': first } = await checkpointsOf(whole);
  expect([trained?.variant, first?.variant]).toEqual(['SCORE', 'SCORE']);
  expect(first?.baseId).toBe(trained?.id);
  expect(first?.changedModules).toHaveLength(1);
  for (const id of [trained?.id, first?.id] as number[]) {
    const settings = JSON.parse((await metadataOf(id)).training ?? '');
    expect(settings).toMatchObject({ variant: 'SCORE', options: { form: 'DDPM', beta: 3, labelSmoothing: 0.1, clip: 0 }, emaDecay: 0.9 });
  }
  const scores = await lab.database.prisma.mrcScore.findMany({ where: { runId: whole } });
  expect(first?.changedModules).toEqual([scores.toSorted((one, other) => other.score - one.score)[0]?.module]);

  const least = scores.toSorted((one, other) => one.score - other.score)[0]?.module as string;
  const inputs = { base: trained?.id as number };
  const alone = { ...smallRift.fineTune, epochs: 1, select: 'NAMED', modules: [least] };
  const second = await queueRun(lab.database, lab.queue, { kind: 'FINE_TUNE', stages: ['FINE_TUNE'], config: { fineTune: alone }, inputs });
  await waitForRun(lab.database, second, ['FINISHED']);
  const other = (await checkpointsOf(second))['fine-tuned'];

  const { interpolation, evaluation } = smallRift;
  const merged = await queueRun(lab.database, lab.queue, {
    ...{ kind: 'INTERPOLATION', stages: ['INTERPOLATION'], config: { interpolation, evaluation } },
    inputs: { ...inputs, tuned: first?.id as number, 'tuned 2': other?.id as number },
  });
  await waitForRun(lab.database, merged, ['FINISHED']);
  const { sweep, lines } = await lab.database.prisma.run.findUniqueOrThrow({
    where: { id: merged },
    include: { sweep: { include: { points: true } }, lines: true },
  });
  expect([...(sweep?.modules ?? [])].sort()).toEqual([least, ...(first?.changedModules ?? [])].sort());
  expect(sweep?.points).toHaveLength(3);
  expect(lines.map(({ text }) => text).join('\n')).toContain(
    'between base and 2 fine-tuned networks as one (no module was changed by two)',
  );
  expect((await checkpointsOf(merged)).selected?.trainedOn).toEqual(trained?.trainedOn);
  expect(lab.errors).toEqual([]);
});
