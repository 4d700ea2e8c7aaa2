/** An error of an experiment whose message is meant for the person who started it: what was wrong, which value, what to do. */
export class EngineError extends Error {
  override readonly name: string = 'EngineError';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** What lies on the disk is missing, or is not what it should be: the same work may succeed once that is put right. */
export class DataError extends EngineError {
  override readonly name = 'DataError';
}

/** The device had no memory for a call. Nothing is lost: the same work in smaller batches may fit. */
export class OutOfMemoryError extends EngineError {
  override readonly name = 'OutOfMemoryError';
}

/** The device stopped answering or its driver failed; what was on it is gone. The stage can go on elsewhere. */
export class DeviceLostError extends EngineError {
  override readonly name = 'DeviceLostError';
}
