/** Every value in every argument and input field, over HTTP. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, overHttp } from './coded-answers.ts';
import { startLab, type TestLab } from './lab.ts';
import { allCases } from './odd-values.ts';
import { addCheckpoint, addRun } from './records.ts';

let lab: TestLab;

beforeAll(async () => {
  lab = await startLab();
  await addRun(lab.database, { name: 'seed', data: { state: 'FINISHED' }, params: { lr: 1 }, tags: { a: '1' }, metrics: { loss: 1 } });
  await addCheckpoint(lab.database, 'RESNET8', 'cifar10');
  await lab.database.prisma.interpolationSweep.create({ data: { runId: 1 } });
});

afterAll(() => lab.close());

describe('values of every kind', () => {
  it.each(['query', 'mutation'] as const)('over HTTP, in a %s, are answered or refused with a code', async (kind) => {
    expect(await all(allCases(kind), overHttp(lab))).toEqual([]);
    expect(lab.logged).toEqual([]);
  });
});
