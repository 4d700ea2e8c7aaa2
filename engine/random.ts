/**
 * Seeded random streams: the only source of chance in the engine.
 *
 * A stream is named by a seed, a purpose and indices (epoch, image, restart ...). The SHA-256 digest of
 * `seed/purpose/index/index ...` (decimal, UTF-8) gives its first 128 bits, read as four little-endian words, as the state of
 * xoshiro128** (Blackman and Vigna, 2018). Streams of different names are independent, so work can be cut into slices and
 * done in any order without changing a number.
 */
import { createHash } from 'node:crypto';

const twoToMinus24 = 2 ** -24;
const twoToMinus53 = 2 ** -53;

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

export class RandomStream {
  private state0: number;
  private state1: number;
  private state2: number;
  private state3: number;

  constructor(seed: number, purpose: string, ...indices: number[]) {
    const digest = createHash('sha256')
      .update([seed, purpose, ...indices].join('/'))
      .digest();
    this.state0 = digest.readInt32LE(0);
    this.state1 = digest.readInt32LE(4);
    this.state2 = digest.readInt32LE(8);
    this.state3 = digest.readInt32LE(12);
  }

  /** The next 32 bits, as an integer in [0, 2^32). */
  word(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.state1, 5), 7), 9) >>> 0;
    const shifted = this.state1 << 9;
    this.state2 ^= this.state0;
    this.state3 ^= this.state1;
    this.state1 ^= this.state2;
    this.state0 ^= this.state3;
    this.state2 ^= shifted;
    this.state3 = rotateLeft(this.state3, 11);
    return result;
  }

  /** A number in [0, 1) with 53 random bits: 27 from the first word, 26 from the second. */
  uniform(): number {
    const high = this.word() >>> 5;
    const low = this.word() >>> 6;
    return (high * 2 ** 26 + low) * twoToMinus53;
  }

  /** An integer in [0, bound), without bias: words beyond the last whole multiple of bound are drawn again. */
  below(bound: number): number {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let word = this.word();
    while (word >= limit) word = this.word();
    return word % bound;
  }

  /** Fills target with numbers of [low, high), one word (24 bits) each. */
  fillUniform(target: Float32Array, low: number, high: number): Float32Array {
    const scale = (high - low) * twoToMinus24;
    for (let index = 0; index < target.length; index++) target[index] = low + (this.word() >>> 8) * scale;
    return target;
  }

  /** Fills target with normal numbers by the Box-Muller transform, two at a time. */
  fillNormal(target: Float32Array, mean: number, deviation: number): Float32Array {
    for (let index = 0; index < target.length; index += 2) {
      const radius = Math.sqrt(-2 * Math.log(1 - this.uniform())) * deviation;
      const angle = 2 * Math.PI * this.uniform();
      target[index] = mean + radius * Math.cos(angle);
      if (index + 1 < target.length) target[index + 1] = mean + radius * Math.sin(angle);
    }
    return target;
  }

  /** The numbers 0 to count - 1 in random order (Fisher-Yates, from the back). */
  permutation(count: number): Int32Array {
    const order = Int32Array.from({ length: count }, (_, index) => index);
    for (let last = count - 1; last > 0; last--) {
      const other = this.below(last + 1);
      const value = order[last] as number;
      order[last] = order[other] as number;
      order[other] = value;
    }
    return order;
  }
}
