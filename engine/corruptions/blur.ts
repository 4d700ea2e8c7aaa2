/** Blur: of the lens, of glass, of motion. */
import { throughDisk } from './disk.ts';
import { gaussian } from './gaussian.ts';
import { shuffled } from './glass.ts';
import { type Corruption, pictureOf, pictureOf32, truncated, truncated32 } from './picture.ts';
import { streaked } from './streak.ts';
import { zoomed } from './zoom.ts';

export const gaussianBlur: Corruption<'gaussian_blur'> = {
  label: 'Gaussian blur',
  group: 'blur',
  random: false,
  apply: (clean) => truncated(gaussian(pictureOf(clean), clean.constants)),
};

export const defocusBlur: Corruption<'defocus_blur'> = {
  label: 'Defocus blur',
  group: 'blur',
  random: false,
  apply: (clean) => truncated(throughDisk(pictureOf(clean), ...clean.constants)),
};

/** Blurred, its pixels displaced, and blurred again. */
export const glassBlur: Corruption<'glass_blur'> = {
  label: 'Glass blur',
  group: 'blur',
  random: true,
  apply(clean) {
    const [sigma, reach, rounds] = clean.constants;
    const bytes = truncated(gaussian(pictureOf(clean), sigma));
    return truncated(gaussian(pictureOf({ ...clean, bytes: shuffled(bytes, clean, { reach, rounds }, clean.stream) }), sigma));
  },
};

/** A streak at an angle between -45 and 45 degrees. */
export const motionBlur: Corruption<'motion_blur'> = {
  label: 'Motion blur',
  group: 'blur',
  random: true,
  apply({ bytes, constants: [radius, sigma], stream, ...size }) {
    return streaked(bytes, size, { radius, sigma, degrees: -45 + 90 * stream.uniform() });
  },
};

const zoomStep = 0.01;

/** NumPy's arange(1, end, 0.01): its step is 1.01 - 1, and rounding lets the end in now and then. */
const zoomFactors = (end: number) =>
  Float64Array.from({ length: Math.ceil((end - 1) / zoomStep) }, (_, index) => 1 + index * (1 + zoomStep - 1));

/** The mean of the picture, counted twice, and its zooms. */
export const zoomBlur: Corruption<'zoom_blur'> = {
  label: 'Zoom blur',
  group: 'blur',
  random: false,
  apply(clean) {
    const picture = pictureOf32(clean);
    const factors = zoomFactors(clean.constants);
    const sum = new Float32Array(picture.data.length);
    for (const factor of factors) {
      const enlarged = zoomed(picture, factor);
      for (let index = 0; index < sum.length; index++) sum[index] = (sum[index] as number) + Math.fround(enlarged[index] as number);
    }
    const { data } = picture;
    for (let index = 0; index < data.length; index++)
      data[index] = Math.fround((data[index] as number) + (sum[index] as number)) / (factors.length + 1);
    return truncated32(data);
  },
};
