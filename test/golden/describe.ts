import { describe, expect, it } from 'vitest';
import { sharedFolder } from '../helpers/datasets.ts';

/** Runs the tests where the goldens are. Without them CI fails; elsewhere they are skipped by name. */
export function describeGoldens(name: string, tests: () => void): void {
  if (sharedFolder) describe(name, tests);
  else if (process.env.CI) it(`${name}: needs ../shared/goldens`, () => expect(sharedFolder).not.toBeNull());
  else describe.skip(`${name} (needs ../shared/goldens beside the checkout)`, tests);
}
