/** From the input of a start mutation to the settings that are recorded: checked one by one, and every default decided. */
import type { z } from 'zod';
import { withSharedAttack } from '../../../engine/config.ts';
import { check } from '../input.ts';

/** Throws BadInputError with everything that is wrong, each with its path. */
export function settle<Schema extends z.ZodObject>(request: Schema, input: unknown): z.infer<Schema> {
  return withSharedAttack(check(request, input, ['input']), input as object);
}
