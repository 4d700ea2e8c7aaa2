/** Several steps of an ascent in one call, no more than let progress and a stop come through. */
import { untilAborted, type Watch } from '../watch.ts';

/** Longest time that a call should take, in milliseconds. */
const longestCall = 400;

export class Pace {
  private stepMilliseconds = longestCall;

  /** Takes so many steps by calls of `times` steps each; the watch advances by images for every step. */
  async take(steps: number, images: number, watch: Watch, call: (times: number) => Promise<void>): Promise<void> {
    for (let done = 0; done < steps; ) {
      const fitting = Math.max(1, Math.floor(longestCall / this.stepMilliseconds));
      const times = Math.min(steps - done, fitting);
      const began = performance.now();
      await untilAborted(watch.signal, call(times));
      this.stepMilliseconds = (performance.now() - began) / times;
      done += times;
      watch.advance(images * times);
    }
  }
}
