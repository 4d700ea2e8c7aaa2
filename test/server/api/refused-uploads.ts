/** Files that come the whole way in, each to a process of its own, and are refused there. */
import { readdir } from 'node:fs/promises';
import { expect } from 'vitest';
import { hostileFiles } from '../../helpers/hostile-files.ts';
import type { Answer, TestLab } from './lab.ts';

export const keptIn = async (lab: TestLab) => (await readdir(lab.data, { recursive: true })).sort();

export async function uploadTo(lab: TestLab, bytes: Uint8Array): Promise<{ status: number; upload?: string; message?: string }> {
  const headers = { authorization: `Bearer ${lab.member}` };
  const response = await fetch(`${lab.address}/api/uploads`, { method: 'PUT', body: new Uint8Array(bytes), headers });
  return { status: response.status, ...((await response.json()) as object) };
}

export const importUpload = (lab: TestLab, id: string | undefined, more: object = {}): Promise<Answer> =>
  lab.ask(
    'mutation ($input: ImportCheckpointInput!) { importCheckpoint(input: $input) { id } }',
    { input: { upload: id, ...more } },
    lab.member,
  );

/** Some at a time: each is read by a process of its own. */
async function all<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const work = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item);
  };
  await Promise.all([work(), work(), work()]);
}

/** What is said of a member before it is read is refused only for weights that are wanted. The reader refuses every file (test/engine/weights/pytorch.test.ts). */
export const hostile = hostileFiles.filter(([what]) => what !== 'a member of other bytes than were written' && what !== 'an empty file');

/** That each is refused in words, is gone then, and has changed nothing. */
export async function expectRefusals(lab: TestLab, files: readonly [string, Uint8Array, RegExp][]): Promise<void> {
  expect(files.length).toBeGreaterThan(10);
  const before = await keptIn(lab);
  const checkpoints = await lab.database.prisma.checkpoint.count();
  await all(files, async ([what, bytes, words]) => {
    const { upload: id } = await uploadTo(lab, bytes);
    const { errors } = await importUpload(lab, id);
    expect(errors[0]?.extensions, what).toEqual({ code: 'BAD_USER_INPUT', path: ['input', 'upload'] });
    expect(errors[0]?.message, what).toMatch(words);
    expect(errors[0]?.message.length, what).toBeLessThan(800);
    expect(errors[0]?.message, what).not.toMatch(/node_modules|\/tmp|\.ts:\d/);
    expect((await importUpload(lab, id)).errors[0]?.extensions.code, what).toBe('NOT_FOUND');
  });
  expect(await keptIn(lab)).toEqual(before);
  expect(await lab.database.prisma.checkpoint.count()).toBe(checkpoints);
  expect(await lab.database.prisma.upload.count()).toBe(0);
  expect(lab.logged).toEqual([]);
}
