import { ImportRefusal } from '../../../engine/imports/refusal.ts';

/** The refusal that this ends with. */
export function refusalOf(act: () => unknown): ImportRefusal {
  try {
    act();
  } catch (error) {
    if (error instanceof ImportRefusal) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}
