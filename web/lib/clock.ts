/** The server's clock, so that a laptop whose own is wrong shows the same times and durations as every other. */

/** Header of the API's answers: the server's time in milliseconds. */
const header = 'riftlab-time';

/** The server's time minus the page's steady clock, in milliseconds; null before the first answer. */
let offset: number | null = null;

/** Milliseconds since 1970 by the server's clock; by this machine's before the server has answered. */
export const serverNow = (): number => (offset === null ? Date.now() : performance.now() + offset);

/** fetch that takes the server's time from each answer. The way back is counted as nothing: it is short beside what a page shows. */
export const timedFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  const time = Number(response.headers.get(header));
  if (time > 0) offset = time - performance.now();
  return response;
};
