/** Work that a dataset needs once before it opens at once: it goes on in the background while its state says how far it is. */
import type { DataState } from './dataset.ts';

export interface Preparation<Result> {
  /** Changes when the dataset's files do. */
  mark: string;
  done: number;
  total: number;
  result: Promise<Result>;
  isDone: boolean;
  /** Why it failed. */
  problem?: string;
}

/** What is being prepared, or could not be, by folder. */
const preparations = new Map<string, Preparation<unknown>>();

/**
 * Begins the work, unless it has begun for these files. It is done anew where it was done before and what came of it is gone.
 * root: of the dataset.
 */
export function prepareOnce<Result>(
  root: string,
  mark: string,
  total: number,
  work: (progress: (done: number) => void) => Promise<Result>,
): Preparation<Result> {
  const known = preparations.get(root);
  if (known?.mark === mark && !known.isDone) return known as Preparation<Result>;
  const result = work((done) => {
    preparation.done = done;
  });
  const preparation: Preparation<Result> = { mark, done: 0, total, result, isDone: false };
  preparations.set(root, preparation);
  result.then(
    () => {
      preparation.isDone = true;
    },
    (error: Error) => {
      preparation.problem = error.message;
    },
  );
  return preparation;
}

/** how: in words, with how far it is. */
export function stateOfPreparation({ problem }: Preparation<unknown>, how: string): DataState {
  return problem ? { state: 'FAILED', problem } : { state: 'PREPARING', problem: how };
}

/** Resolves when nothing is being prepared any more, and says whether something was. */
export async function preparationsEnded(): Promise<boolean> {
  await Promise.allSettled([...preparations.values()].map(({ result }) => result));
  return preparations.size > 0;
}
