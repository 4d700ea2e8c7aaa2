import { EngineError } from '../errors.ts';

/** Options that make no network of the architecture. */
export class OptionsError extends EngineError {
  override readonly name = 'OptionsError';

  /** @param path of the value that is wrong, from the options' top */
  constructor(
    message: string,
    readonly path: readonly (string | number)[],
    hint?: string,
  ) {
    super(message, hint);
  }
}
