import { expect, it } from 'vitest';
import { rowsOfCall } from '../../../engine/backends/rows.ts';

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
