/** Hostile and broken files through the whole way in: each is refused in words, and nothing of it is left. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { broken, torch } from '../../helpers/broken-files.ts';
import { startLab, type TestLab } from './lab.ts';
import { expectRefusals, hostile, importUpload, keptIn, uploadTo } from './refused-uploads.ts';

let lab: TestLab;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());

describe('a file', () => {
  // All of them: hostile-uploads.long.test.ts.
  it.each([
    ['that is hostile', hostile.filter((_, index) => index % 6 === 0)],
    ['that is broken', broken.filter((_, index) => index % 3 === 0)],
  ])('%s is refused in words, is gone then, and has changed nothing', (_what, files) => expectRefusals(lab, files));

  it.each<[string, (dict: Record<string, unknown>) => Record<string, unknown>, RegExp]>([
    ['lacks an entry', ({ 'classifier.fc3.bias': _, ...rest }) => rest, /classifier\.fc3\.bias is missing, expected \[10\]/],
    ['has one too many', (dict) => ({ ...dict, 'more.weight': dict['classifier.fc3.weight'] }), /more\.weight \[10, 200\] is there/],
    [
      'has one of another shape',
      (dict) => ({ ...dict, 'classifier.fc3.weight': dict['classifier.fc2.weight'] }),
      /classifier\.fc3\.weight is \[200, 200\], expected \[10, 200\]/,
    ],
    [
      'has names of its own',
      (dict) => Object.fromEntries(Object.entries(dict).map(([name, tensor], index) => [`x${index}.${name.length}`, tensor])),
      /not those of/,
    ],
  ])('that %s is refused with what was found beside what was expected', async (_what, change, words) => {
    const before = await keptIn(lab);
    const { upload: id } = await uploadTo(lab, torch({ change }));
    const { errors } = await importUpload(lab, id, { architecture: 'SMALL_CNN', dataset: 'mnist' });
    expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', path: ['input', 'architecture'] } });
    expect(errors[0]?.message).toMatch(words);
    await fetch(`${lab.address}/api/uploads/${id}`, { method: 'DELETE', headers: { authorization: `Bearer ${lab.member}` } });
    expect(await keptIn(lab)).toEqual(before);
  });

  it('of no bytes is not even taken', async () => {
    expect(await uploadTo(lab, new Uint8Array())).toMatchObject({ status: 400, message: expect.stringContaining('empty') });
    expect(await readdir(join(lab.data, 'uploads'))).toEqual([]);
  });

  it('of whole numbers is refused as weights', async () => {
    const file = torch({ type: 'IntStorage' });
    const { upload: id } = await uploadTo(lab, file);
    const { errors } = await importUpload(lab, id, { architecture: 'SMALL_CNN' });
    expect(errors[0]?.message).toMatch(/holds whole numbers, expected floating-point numbers/);
  });
});
