/** Tests that run on several backends: on tensorflow where it is set up. */
import { format } from 'node:util';
import { describe, it } from 'vitest';
import type { Backend } from '../../engine/backends/backend.ts';
import { findInstallation } from '../../engine/backends/tensorflow/installation.ts';

type Name = Backend['name'];

type Parts<Case extends readonly unknown[]> = { -readonly [Key in keyof Case]: Case[Key] };

/** Why tensorflow cannot be tested here. */
function whyNot(): string | undefined {
  try {
    findInstallation();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const tensorflowMissing = whyNot();

/** RIFTLAB_REQUIRE names backends that must not be missing, as CI does. */
const isRequired = (name: Name) => (process.env.RIFTLAB_REQUIRE ?? '').split(',').includes(name);

/**
 * The tests once for every case; the case's first part is its backend. Where that is not set up, its tests are skipped with
 * the reason in their name; where it is required, they fail.
 * @param title with a %s for every part of a case
 */
export function describeBackends<const Case extends readonly [Name, ...string[]]>(
  cases: readonly Case[],
  title: string,
  tests: (...parts: Parts<Case>) => void,
): void {
  for (const given of cases) {
    const parts = [...given] as unknown as Parts<Case>;
    const name: Name = given[0];
    const missing = name === 'tensorflow' ? tensorflowMissing : undefined;
    const called = format(title, ...given);
    if (missing === undefined) describe(called, () => tests(...parts));
    else if (isRequired(name))
      describe(called, () =>
        it('is set up', () => {
          throw new Error(`RIFTLAB_REQUIRE names ${name}: ${missing} npm run setup:tensorflow sets it up.`);
        }),
      );
    else describe.skip(`${called} (${missing} npm run setup:tensorflow)`, () => tests(...parts));
  }
}
