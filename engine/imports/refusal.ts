/** Why a file cannot be imported, and what would have to change. */
import { EngineError } from '../errors.ts';

/** What is at fault: the file itself, whatever else is said of it, or something that the caller says of it. */
export type Fault = 'file' | 'stateDict' | 'architecture' | 'architectureOptions' | 'dataset' | 'normalisation';

export class ImportRefusal extends EngineError {
  override readonly name = 'ImportRefusal';

  /** @param place of the value that is wrong, within what is at fault */
  constructor(
    readonly fault: Fault,
    message: string,
    hint?: string,
    readonly place: readonly (string | number)[] = [],
  ) {
    super(message, hint);
  }
}
