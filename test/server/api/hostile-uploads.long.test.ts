/** Every hostile and broken file through the whole way in. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { broken } from '../../helpers/broken-files.ts';
import { startLab, type TestLab } from './lab.ts';
import { expectRefusals, hostile } from './refused-uploads.ts';

let lab: TestLab;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());

describe('every file', () => {
  it.each([
    ['that is hostile', hostile],
    ['that is broken', broken],
  ])('%s is refused in words, is gone then, and has changed nothing', (_what, files) => expectRefusals(lab, files), 600_000);
});
