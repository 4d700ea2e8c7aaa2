import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { draftOf, publish } from '../../../engine/data/drafts.ts';

it('of two processes that make the same file the first one names it, and who reads it is not disturbed by the second', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'riftlab-drafts-'));
  const path = join(folder, 'own-train.safetensors');
  const drafts = [draftOf(path), draftOf(path)] as const;
  expect(drafts[0]).not.toBe(drafts[1]);
  for (const draft of drafts) await writeFile(draft, draft);
  await publish(drafts[0], path);
  const { ino, mtimeNs } = await stat(path, { bigint: true });
  await publish(drafts[1], path);
  expect(await readdir(folder)).toEqual(['own-train.safetensors']);
  expect(await readFile(path, 'utf8')).toBe(drafts[0]);
  expect(await stat(path, { bigint: true })).toMatchObject({ ino, mtimeNs });
  await rm(folder, { recursive: true });
});
