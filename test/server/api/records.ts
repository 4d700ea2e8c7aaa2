/** Rows for tests that no worker made. */
import { createHash, randomBytes } from 'node:crypto';
import type { ArchitectureName } from '../../../engine/config.ts';
import { findDataset, modules } from '../../../engine/index.ts';
import type { Database } from '../../../server/store/database.ts';
import type { Prisma } from '../../../server/store/generated/client.ts';

/** The id of a checkpoint that has modules but no bytes. */
export async function addCheckpoint(
  { prisma }: Database,
  architecture: ArchitectureName,
  dataset: string,
  own: string | null = dataset,
  architectureOptions: Prisma.InputJsonObject = {},
): Promise<string> {
  const sha256 = randomBytes(32).toString('hex');
  const described = modules({ architecture, architectureOptions }, findDataset(dataset)).map(({ name, shape, parameters }) => ({
    name,
    shape,
    parameters,
    norm: 1,
  }));
  const { id } = await prisma.checkpoint.create({
    data: {
      sha256,
      artifact: { create: { sha256, bytes: 10 } },
      name: `${architecture} for ${dataset}`,
      architecture,
      architectureOptions,
      dataset: own,
      variant: 'PGD_AT',
      trainedHere: true,
      parameters: 1,
      bytes: 10,
      modules: described,
    },
  });
  return `Checkpoint-${id}`;
}

/** A fingerprint that is another for another protocol. */
export const fingerprintOf = (protocol: string): string => createHash('sha256').update(protocol).digest('hex');

export interface RunSketch {
  name?: string;
  project?: string;
  data?: Partial<Prisma.RunUncheckedCreateInput>;
  params?: Record<string, string | number>;
  tags?: Record<string, string>;
  metrics?: Record<string, number>;
}

/** A run's row with what filters look at; returns its id. */
export async function addRun(
  { prisma }: Database,
  { name = 'run', project = 'p', data, params = {}, tags = {}, metrics = {} }: RunSketch,
): Promise<number> {
  const { id: projectId } = await prisma.project.upsert({ where: { name: project }, update: {}, create: { name: project } });
  const { id } = await prisma.run.create({
    data: {
      kind: 'TRAINING',
      config: {},
      ...data,
      projectId,
      name,
      params: {
        create: Object.entries(params).map(([key, value]) => ({ key, value: String(value) })),
      },
      tags: { create: Object.entries(tags).map(([key, value]) => ({ key, value })) },
    },
  });
  for (const [key, last] of Object.entries(metrics)) {
    const { id: keyId } = await prisma.metricKey.upsert({ where: { name: key }, update: {}, create: { name: key } });
    await prisma.metricSummary.create({ data: { runId: id, keyId, last, lastStep: 1, min: last, max: last, count: 1 } });
  }
  return id;
}
