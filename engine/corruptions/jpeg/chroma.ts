/** Between RGB and brightness with colour differences, and between these in full and in half size; in libjpeg's integers. */
import { extended, type Plane } from './plane.ts';

const bits = 16;
const half = 1 << (bits - 1);
const fixed = (value: number) => Math.floor(value * (1 << bits) + 0.5);

const weights = {
  red: [fixed(0.299), -fixed(0.16874), fixed(0.5)],
  green: [fixed(0.587), -fixed(0.33126), -fixed(0.41869)],
  blue: [fixed(0.114), fixed(0.5), -fixed(0.08131)],
  /** The centre of the differences is 128; they are rounded a little down, so that they stay below 256. */
  offset: [half, (128 << bits) + half - 1, (128 << bits) + half - 1],
} as const;

/** Brightness, and the differences of blue and of red from it. */
export function chromaOf(bytes: Uint8Array, { height, width }: { height: number; width: number }): [Plane, Plane, Plane] {
  const plane = (part: 0 | 1 | 2): Plane => {
    const samples = new Uint8Array(height * width);
    for (let pixel = 0; pixel < samples.length; pixel++) {
      const [red, green, blue] = [bytes[3 * pixel] as number, bytes[3 * pixel + 1] as number, bytes[3 * pixel + 2] as number];
      samples[pixel] = (weights.red[part] * red + weights.green[part] * green + weights.blue[part] * blue + weights.offset[part]) >> bits;
    }
    return { height, width, samples };
  };
  return [plane(0), plane(1), plane(2)];
}

const clamp = (value: number) => (value < 0 ? 0 : value > 255 ? 255 : value);

export function rgbOf({ samples }: Plane, blue: Plane, red: Plane): Uint8Array {
  const bytes = new Uint8Array(3 * samples.length);
  for (let pixel = 0; pixel < samples.length; pixel++) {
    const luma = samples[pixel] as number;
    const toBlue = (blue.samples[pixel] as number) - 128;
    const toRed = (red.samples[pixel] as number) - 128;
    bytes[3 * pixel] = clamp(luma + ((fixed(1.402) * toRed + half) >> bits));
    bytes[3 * pixel + 1] = clamp(luma + ((-fixed(0.34414) * toBlue - fixed(0.71414) * toRed + half) >> bits));
    bytes[3 * pixel + 2] = clamp(luma + ((fixed(1.772) * toBlue + half) >> bits));
  }
  return bytes;
}

/** Half the size: means of 2 x 2, rounded down and up in turn. */
export function halved(plane: Plane): Plane {
  const { width, height, samples } = extended(plane, 2);
  const to = { width: width / 2, height: height / 2 };
  const means = new Uint8Array(to.width * to.height);
  for (let row = 0; row < to.height; row++)
    for (let column = 0; column < to.width; column++) {
      const from = 2 * row * width + 2 * column;
      const sum =
        (samples[from] as number) +
        (samples[from + 1] as number) +
        (samples[from + width] as number) +
        (samples[from + width + 1] as number);
      means[row * to.width + column] = (sum + 1 + (column & 1)) >> 2;
    }
  return { ...to, samples: means };
}

/** Twice the size, cut to this one: each new sample is 3/4 of the near and 1/4 of the far neighbour, down and then across. */
export function enlarged({ width, height, samples }: Plane, size: { height: number; width: number }): Plane {
  const result = new Uint8Array(size.height * size.width);
  const sums = new Int32Array(width);
  for (let row = 0; row < size.height; row++) {
    const near = row >> 1;
    const far = Math.min(height - 1, Math.max(0, near + (row & 1 ? 1 : -1)));
    for (let column = 0; column < width; column++)
      sums[column] = 3 * (samples[near * width + column] as number) + (samples[far * width + column] as number);
    for (let column = 0; column < size.width; column++) {
      const isRight = column & 1;
      const nearSum = sums[column >> 1] as number;
      const farSum = sums[Math.min(width - 1, Math.max(0, (column >> 1) + (isRight ? 1 : -1)))] as number;
      result[row * size.width + column] = (3 * nearSum + farSum + (isRight ? 7 : 8)) >> 4;
    }
  }
  return { ...size, samples: result };
}
