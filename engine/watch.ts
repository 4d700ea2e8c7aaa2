/** What long work tells while it runs, and what can stop it. */

export interface Watch {
  readonly signal: AbortSignal;
  /** So many more units are done. */
  advance(amount: number): void;
  /** So many units are likely to follow, where that depends on what comes out. */
  expect(rest: number): void;
}

/** A watch that nobody looks at. */
export const unwatched: Watch = { signal: new AbortController().signal, advance: () => {}, expect: () => {} };

/** The promise, or a rejection with the signal's reason as soon as it is aborted; the work itself runs on unobserved. */
export async function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  work.catch(() => {});
  signal.throwIfAborted();
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
