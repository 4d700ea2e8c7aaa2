import { expect, it } from 'vitest';
import { findDataset } from '../../../engine/data/catalogue.ts';
import { loadSplit } from '../../../engine/data/splits.ts';
import { EngineError } from '../../../engine/errors.ts';
import { bytesOf } from '../synthetic.ts';

it('has any size and number of classes, by its name alone', async () => {
  const dataset = findDataset('Synthetic-1000-classes-40-px-20000-images');
  expect(dataset).toMatchObject({ classes: 1000, shape: [40, 40, 3], images: { train: 20_000, test: 4000 } });
  const wanted = { split: 'test', protocol: 'PAPER', trainedHere: true, images: 700 } as const;
  const set = await loadSplit(dataset, '', wanted);
  expect(set.labels[699]).toBe(699);
  expect(bytesOf({ ...set, count: 2 })).toEqual(bytesOf({ ...(await loadSplit(dataset, '', wanted)), count: 2 }));
  expect(findDataset('synthetic-28-px-grey').shape).toEqual([28, 28, 1]);
});

it('refuses sizes that nobody can have', () => {
  for (const name of ['synthetic-1-classes', 'synthetic-4-px', 'synthetic-0-images', 'synthetic9'])
    expect(() => findDataset(name)).toThrow(EngineError);
});
