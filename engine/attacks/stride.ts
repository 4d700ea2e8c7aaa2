/** How many steps of an attack a call takes on end, so that what goes to and fro between them is saved. */

/** Longest time that a call should take, in milliseconds: progress and a stop come through between calls. */
const longestCall = 700;

/**
 * Share of the passes that an image has taken by which a call may go on after it is fooled, in vain. Few images are fooled late,
 * so that this costs little.
 */
const inVain = 1 / 4;

/** Steps times images that take no longer than what goes to and fro for a call: few images go on in vain for less than that. */
const unnoticed = 128;

const powerOfTwo = (most: number) => 2 ** Math.floor(Math.log2(Math.max(1, most)));

export class Stride {
  /** Of a step; before the first call nothing is known. */
  private milliseconds = longestCall;
  /** Images of the last call. */
  private images = unnoticed;

  /** Steps of the next call: all that are left, or a power of two, so that images of equal progress stay together. */
  most(left: number, taken: number): number {
    const most = Math.min(Math.max(taken * inVain, unnoticed / this.images), longestCall / this.milliseconds);
    return left <= most ? left : powerOfTwo(most);
  }

  /** Makes a call of so many steps for so many images. */
  async timed<Answer>(steps: number, images: number, call: () => Promise<Answer>): Promise<Answer> {
    const began = performance.now();
    const answer = await call();
    this.milliseconds = (performance.now() - began) / steps;
    this.images = images;
    return answer;
  }
}
