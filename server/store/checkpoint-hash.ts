import type { Database } from './database.ts';

/** The row of the checkpoint whose safetensors file has this SHA-256. */
export async function findCheckpointByHash({ prisma }: Database, sha256: string): Promise<number | null> {
  const found = await prisma.checkpoint.findUnique({ where: { sha256 }, select: { id: true } });
  return found?.id ?? null;
}
