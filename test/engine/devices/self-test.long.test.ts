/** The numbers that devices are held to, computed anew by the backend that takes its time. */
import { expect, it } from 'vitest';
import { CpuBackend } from '../../../engine/backends/cpu.ts';
import { compareSamples, sampled, storedSamples } from '../../../engine/devices/self-test.ts';
import { selfTestValues } from '../../../engine/devices/self-test-values.ts';

it('the stored numbers of the self-test are what the plain backend computes', async () => {
  const found = sampled(await selfTestValues(new CpuBackend()));
  const stored = await storedSamples();
  expect(Object.keys(found)).toEqual(Object.keys(stored));
  expect(compareSamples(found, stored, 1e-5)).toMatchObject({ passed: true });
  for (const [name, numbers] of Object.entries(stored)) expect(Math.hypot(...numbers), name).toBeGreaterThan(1e-3);
});
