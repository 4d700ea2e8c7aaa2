/**
 * The cosine transform of 8 x 8 blocks and its inverse in integers, after Loeffler, Ligtenberg and Moschytz (1989): the accurate
 * of libjpeg's methods, bit for bit.
 */

const constantBits = 13;
const firstPassBits = 2;
const fixed = (value: number) => Math.floor(value * (1 << constantBits) + 0.5);

const c0298 = fixed(0.298631336);
const c0390 = fixed(0.390180644);
const c0541 = fixed(0.5411961);
const c0765 = fixed(0.765366865);
const c0899 = fixed(0.899976223);
const c1175 = fixed(1.175875602);
const c1501 = fixed(1.50132111);
const c1847 = fixed(1.847759065);
const c1961 = fixed(1.96157056);
const c2053 = fixed(2.053119869);
const c2562 = fixed(2.562915447);
const c3072 = fixed(3.072711026);

/** value / 2^bits, rounded. */
const descale = (value: number, bits: number) => (value + (1 << (bits - 1))) >> bits;

/** One line of eight, `stride` apart. shift: of the two sums that need no product, to the left where positive. */
function forwardLine(work: Int32Array, start: number, stride: number, shift: number, bits: number): void {
  const w0 = work[start] as number;
  const w1 = work[start + stride] as number;
  const w2 = work[start + 2 * stride] as number;
  const w3 = work[start + 3 * stride] as number;
  const w4 = work[start + 4 * stride] as number;
  const w5 = work[start + 5 * stride] as number;
  const w6 = work[start + 6 * stride] as number;
  const w7 = work[start + 7 * stride] as number;
  const outer = w0 + w7 + w3 + w4;
  const inner = w1 + w6 + w2 + w5;
  const outerDifference = w0 + w7 - w3 - w4;
  const innerDifference = w1 + w6 - w2 - w5;
  work[start] = shift >= 0 ? (outer + inner) << shift : descale(outer + inner, -shift);
  work[start + 4 * stride] = shift >= 0 ? (outer - inner) << shift : descale(outer - inner, -shift);
  const turned = (innerDifference + outerDifference) * c0541;
  work[start + 2 * stride] = descale(turned + outerDifference * c0765, bits);
  work[start + 6 * stride] = descale(turned - innerDifference * c1847, bits);
  setOdd(w3 - w4, w2 - w5, w1 - w6, w0 - w7);
  work[start + 7 * stride] = descale(oddTerms[0] as number, bits);
  work[start + 5 * stride] = descale(oddTerms[1] as number, bits);
  work[start + 3 * stride] = descale(oddTerms[2] as number, bits);
  work[start + stride] = descale(oddTerms[3] as number, bits);
}

const oddTerms = new Int32Array(4);

/** The four odd terms, the same mathematics in both directions. */
function setOdd(a: number, b: number, c: number, d: number): void {
  const shared = (a + c + b + d) * c1175;
  const near = -(a + d) * c0899;
  const middle = -(b + c) * c2562;
  const first = -(a + c) * c1961 + shared;
  const second = -(b + d) * c0390 + shared;
  oddTerms[0] = a * c0298 + near + first;
  oddTerms[1] = b * c2053 + middle + second;
  oddTerms[2] = c * c3072 + middle + first;
  oddTerms[3] = d * c1501 + near + second;
}

function inverseLine(work: Int32Array, start: number, stride: number, bits: number): void {
  const w0 = work[start] as number;
  const w2 = work[start + 2 * stride] as number;
  const w4 = work[start + 4 * stride] as number;
  const w6 = work[start + 6 * stride] as number;
  const turned = (w2 + w6) * c0541;
  const high = turned - w6 * c1847;
  const low = turned + w2 * c0765;
  const sum = (w0 + w4) << constantBits;
  const difference = (w0 - w4) << constantBits;
  setOdd(
    work[start + 7 * stride] as number,
    work[start + 5 * stride] as number,
    work[start + 3 * stride] as number,
    work[start + stride] as number,
  );
  const even = [sum + low, difference + high, difference - high, sum - low] as const;
  for (let index = 0; index < 4; index++) {
    const term = oddTerms[3 - index] as number;
    work[start + index * stride] = descale((even[index] as number) + term, bits);
    work[start + (7 - index) * stride] = descale((even[index] as number) - term, bits);
  }
}

const work = new Int32Array(64);

/** Transforms the block that begins at `start`, quantises it by the table, and transforms it back; in place. */
export function throughDct(samples: Uint8Array, start: number, width: number, table: Int32Array): void {
  for (let index = 0; index < 64; index++) work[index] = (samples[start + (index >> 3) * width + (index & 7)] as number) - 128;
  for (let row = 0; row < 64; row += 8) forwardLine(work, row, 1, firstPassBits, constantBits - firstPassBits);
  for (let column = 0; column < 8; column++) forwardLine(work, column, 8, -firstPassBits, constantBits + firstPassBits);
  for (let index = 0; index < 64; index++) {
    const divisor = table[index] as number;
    const value = work[index] as number;
    const size = Math.floor((Math.abs(value) + 4 * divisor) / (8 * divisor));
    work[index] = (value < 0 ? -size : size) * divisor;
  }
  for (let column = 0; column < 8; column++) inverseLine(work, column, 8, constantBits - firstPassBits);
  for (let row = 0; row < 64; row += 8) inverseLine(work, row, 1, constantBits + firstPassBits + 3);
  for (let index = 0; index < 64; index++)
    samples[start + (index >> 3) * width + (index & 7)] = Math.min(255, Math.max(0, (work[index] as number) + 128));
}
