/** Drops of water or mud on the lens. */
import type { RandomStream } from '../random.ts';
import type { Constants } from './constants.ts';
import { correlated, mirrored, type Tap } from './correlate.ts';
import { distanceFrom } from './distance.ts';
import { edgesOf } from './edges.ts';
import { gaussian } from './gaussian.ts';
import { greyOf, type Picture } from './picture.ts';

/** Pale turquoise and brown. */
const water = [175 / 255, 238 / 255, 238 / 255];
const mud = [63 / 255, 42 / 255, 20 / 255];
const furthest = 20;
const opaque = 0.8;

function inGrey(colour: number[], channels: number): number[] {
  return channels === 3 ? colour : [...greyOf({ data: Float64Array.from(colour), height: 1, width: 1, channels: 3 })];
}

export function splashed(picture: Picture, constants: Constants['spatter'][number], stream: RandomStream): Float64Array {
  const [mean, deviation, sigma, threshold, strength, isMud] = constants;
  const { data, height, width, channels } = picture;
  const layer = { height, width, channels: 1 };
  const noise = new Float64Array(stream.fillNormal(new Float32Array(height * width), mean, deviation));
  const liquid = gaussian({ ...layer, data: noise }, sigma).map((value) => (value < threshold ? 0 : value));
  if (isMud) {
    const cover = gaussian({ ...layer, data: liquid.map((value) => (value > threshold ? 1 : 0)) }, strength);
    const colour = inGrey(mud, channels);
    return data.map((value, index) => {
      const share = cover[Math.floor(index / channels)] as number;
      return share < opaque ? value : value * (1 - share) + (colour[index % channels] as number) * share;
    });
  }
  const shine = shineOf(
    Uint8Array.from(liquid, (value) => value * 255),
    height,
    width,
  );
  const colour = inGrey(water, channels);
  return data.map(
    (value, index) => value + strength * (shine[Math.floor(index / channels)] as number) * (colour[index % channels] as number),
  );
}

const kernel = (weights: readonly number[]): Tap[] =>
  weights.map((weight, index) => ({ down: Math.floor(index / 3) - 1, across: (index % 3) - 1, weight }));
const square = kernel([1, 1, 1, 1, 1, 1, 1, 1, 1]);
/** Light from the lower right. */
const corner = kernel([-2, -1, 0, -1, 1, 1, 0, 1, 2]);

/** How much light each pixel of the drops throws back, from 0 to 1: it grows inward from their edges, lit from one corner. */
function shineOf(liquid: Uint8Array, height: number, width: number): Float64Array {
  const size = { height, width };
  const distances = distanceFrom(edgesOf(liquid, size), size).map((distance) => Math.min(distance, furthest));
  const filtered = (data: Float64Array, taps: readonly Tap[]) => correlated({ ...size, channels: 1, data }, taps, mirrored);
  const soft = equalised(Uint8Array.from(filtered(distances, square).map((sum) => sum / square.length)));
  const lit = filtered(new Float64Array(soft), corner).map((value) => Math.min(255, Math.max(0, value)));
  const light = filtered(lit, square).map((sum, pixel) => Math.round(sum / square.length) * (liquid[pixel] as number));
  const most = light.reduce((most, value) => Math.max(most, value), 0);
  return most === 0 ? light : light.map((value) => value / most);
}

/** Levels spread so that each range of them holds as many pixels. */
function equalised(levels: Uint8Array): Uint8Array {
  const histogram = new Float64Array(256);
  for (const level of levels) histogram[level] = (histogram[level] as number) + 1;
  const first = histogram.findIndex((pixels) => pixels > 0);
  const rest = levels.length - (histogram[first] as number);
  if (rest === 0) return levels;
  let sum = 0;
  const table = histogram.map((pixels, level) => {
    sum += level > first ? pixels : 0;
    return Math.round((sum * 255) / rest);
  });
  return levels.map((level) => table[level] as number);
}
