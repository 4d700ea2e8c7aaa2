/** Says what the start is doing, step by step, with times. Times are those of performance.now(): the clock may jump. */

export const secondsSince = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

export function say(text: string): void {
  console.log(`riftlab: ${readable(text)}`);
}

/** Text for a terminal: what could be an order to it, or turn the reading around, is written out; later lines are indented. */
export const readable = (text: string) =>
  text.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (sign) =>
    sign === '\n' ? '\n  ' : `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/**
 * Keeps the server going when whoever read its output is gone: a write to a closed pipe is an error event, and printing
 * that error would be the next one, without end.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** Runs a step and says that it is done; describe may add what came of it. */
export async function step<Result>(name: string, act: () => Promise<Result>, describe?: (result: Result) => string): Promise<Result> {
  const begin = performance.now();
  const result = await act();
  say(`${name} ready (${[describe?.(result), secondsSince(begin)].filter(Boolean).join(', ')})`);
  return result;
}
