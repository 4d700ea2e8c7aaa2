/** An error of an experiment whose message is meant for the person who started it: what was wrong, which value, what to do. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
