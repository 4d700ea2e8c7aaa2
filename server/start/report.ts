/** Says what the start is doing, step by step, with times. */

export const secondsSince = (since: number) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

export function say(text: string): void {
  console.log(`riftlab: ${text}`);
}

/** Runs a step and says that it is done; describe may add what came of it. */
export async function step<Result>(name: string, act: () => Promise<Result>, describe?: (result: Result) => string): Promise<Result> {
  const begin = Date.now();
  const result = await act();
  say(`${name} ready (${[describe?.(result), secondsSince(begin)].filter(Boolean).join(', ')})`);
  return result;
}
