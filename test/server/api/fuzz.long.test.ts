/** Every value in every argument and input field, over HTTP. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, overHttp, startSeededLab } from './coded-answers.ts';
import type { TestLab } from './lab.ts';
import { allCases } from './odd-values.ts';

let lab: TestLab;

beforeAll(async () => {
  lab = await startSeededLab();
});

afterAll(() => lab.close());

describe('values of every kind', () => {
  it.each(['query', 'mutation'] as const)('over HTTP, in a %s, are answered or refused with a code', async (kind) => {
    expect(await all(allCases(kind), overHttp(lab))).toEqual([]);
    expect(lab.logged).toEqual([]);
  });
});
