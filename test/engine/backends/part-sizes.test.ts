import { describe, expect, it } from 'vitest';
import { PartSizes } from '../../../engine/backends/onnx/part-sizes.ts';

const computed = (rows: number, threads: number, size: number) => Math.ceil(Math.ceil(rows / size) / threads) * threads * size;

describe('sizes of parts', () => {
  it('are even and no larger than they may be, whatever the rows and threads', () => {
    for (const most of [1, 2, 7.3, 8, 32, 64])
      for (const threads of [1, 2, 3, 16])
        for (let rows = 1; rows <= 130; rows++) {
          const size = new PartSizes(most, threads).of(rows, 1);
          expect(size % 2, `${rows} rows`).toBe(0);
          expect(size).toBeLessThanOrEqual(Math.max(2, most));
        }
  });

  it('waste little in a long run, of any number of rows', () => {
    for (const rows of [22, 55, 109, 128])
      expect(computed(rows, 2, new PartSizes(64, 2).of(rows, 1)), `${rows} rows`).toBeLessThan(1.1 * rows + 2);
  });

  it('are few for a run that is soon over, and fit better once they would have saved what compiling costs', () => {
    const sizes = new PartSizes(64, 2);
    expect(sizes.of(128, 1)).toBe(64);
    for (let rows = 127; rows > 100; rows--) expect(sizes.of(rows, 1)).toBe(64);
    for (let call = 0; call < 100; call++) sizes.of(22, 1);
    expect(sizes.of(22, 1)).toBe(12);
    expect(sizes.of(128, 1)).toBe(64);
  });
});
