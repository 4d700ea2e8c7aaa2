import { expect, it } from 'vitest';
import type { HostArray } from '../../../engine/backends/backend.ts';
import { joinRows, roomOf, rowsOfCall, Spare, takeRows } from '../../../engine/backends/rows.ts';

const all = Array.from({ length: 5000 }, (_, index) => index + 1);
const calls = (rows: number) => Math.ceil(rows / rowsOfCall(rows));

it('gives a GPU all rows in as few calls as the limit allows', () => {
  for (const rows of all) expect(calls(rows), `${rows} rows`).toBe(Math.ceil(rows / 1024));
});

it('fills up by an eighth at most', () => {
  for (const rows of all.filter((count) => count >= 16)) {
    const computed = calls(rows) * rowsOfCall(rows);
    expect(computed).toBeGreaterThanOrEqual(rows);
    expect(computed - rows, `${rows} rows`).toBeLessThan(rows / 8 + calls(rows));
  }
});

it('leaves the usual batches as they are, and knows few sizes', () => {
  for (const rows of [1, 16, 64, 128, 256, 512, 1024]) expect(rowsOfCall(rows)).toBe(rows);
  expect(new Set(all.map(rowsOfCall)).size).toBeLessThan(70);
});

const array = (...values: number[]): HostArray => ({ shape: [values.length / 2, 2], dtype: 'float32', data: Float32Array.from(values) });

it('takes rows into spare memory, whatever it held, and repeats the last one beyond the end', () => {
  const spare = new Spare();
  const old = array(9, 9, 9, 9, 9, 9);
  spare.keep([old, { ...old, data: old.data.subarray(0, 4) }]);
  const first = takeRows(array(1, 2, 3, 4, 5, 6), 1, 3, spare);
  expect(first).toEqual(array(3, 4, 5, 6, 5, 6));
  expect(first.data.buffer).toBe(old.data.buffer);
  const second = takeRows(array(1, 2), 0, 3, spare);
  expect(second).toEqual(array(1, 2, 1, 2, 1, 2));
  expect(second.data.buffer).not.toBe(old.data.buffer);
});

it('joins parts in the room of the inputs that they are fed to, but for what inputs share', () => {
  const inputs = { point: array(0, 0, 0, 0), image: array(0, 0, 0, 0), same: array(0, 0, 0, 0) };
  inputs.image = { ...inputs.image, data: inputs.same.data };
  const room = roomOf(inputs, { next: 'point', other: 'same' });
  const joined = joinRows(
    [
      { next: array(1, 2), other: array(5, 6) },
      { next: array(3, 4), other: array(7, 8) },
    ],
    2,
    room,
  );
  expect(joined).toEqual({ next: array(1, 2, 3, 4), other: array(5, 6, 7, 8) });
  expect(joined.next?.data).toBe(inputs.point.data);
  expect(inputs.same).toEqual(array(0, 0, 0, 0));
});
