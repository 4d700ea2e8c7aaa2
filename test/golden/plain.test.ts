/** The graphs that GPUs get, without the CPU's blocks, on the CPU: the same goldens at the same tolerances. */
import { afterAll, expect, it } from 'vitest';
import { OnnxBackend } from '../../engine/backends/onnx/onnx.ts';
import { compareGoldens, float32 } from '../gpu/goldens.ts';
import { describeGoldens } from './describe.ts';

describeGoldens('graphs without blocks', () => {
  const backend = new OnnxBackend({ threads: 2, block: 1 });
  afterAll(() => backend.dispose());

  it.each(['resnet8', 'wrn10-1'] as const)('%s', async (name) => {
    const measured = await compareGoldens(backend, name, float32);
    expect(measured.length).toBeGreaterThan(6);
    expect(measured.filter(({ distance, allowed }) => !(distance <= allowed))).toEqual([]);
  });
});
