/** What cameras and files do: contrast, saturation, coarse pixels, JPEG, bent images. */
import { throughHsv } from './colour.ts';
import { bend } from './elastic.ts';
import { throughJpeg } from './jpeg/jpeg.ts';
import { type Corruption, pictureOf, pictureOf32, truncated, truncated32 } from './picture.ts';
import { boxResize } from './resize.ts';

/** Every channel drawn toward its mean. */
export const contrast: Corruption<'contrast'> = {
  label: 'Contrast',
  group: 'digital',
  random: false,
  apply(clean) {
    const { data, channels } = pictureOf(clean);
    const means = new Float64Array(channels);
    for (let index = 0; index < data.length; index++)
      means[index % channels] = (means[index % channels] as number) + (data[index] as number);
    const pixels = data.length / channels;
    for (let index = 0; index < data.length; index++) {
      const mean = (means[index % channels] as number) / pixels;
      data[index] = ((data[index] as number) - mean) * clean.constants + mean;
    }
    return truncated(data);
  },
};

/** Grey images have no saturation: they stay as they are. */
export const saturate: Corruption<'saturate'> = {
  label: 'Saturate',
  group: 'digital',
  random: false,
  apply(clean) {
    const [factor, summand] = clean.constants;
    const { data, channels } = pictureOf(clean);
    if (channels === 1) return clean.bytes.slice();
    return truncated(throughHsv(data, { saturation: (saturation) => saturation * factor + summand, value: (value) => value }));
  },
};

export const pixelate: Corruption<'pixelate'> = {
  label: 'Pixelate',
  group: 'digital',
  random: false,
  apply({ bytes, constants: share, ...size }) {
    const small = { height: Math.floor(size.height * share), width: Math.floor(size.width * share) };
    return boxResize(boxResize(bytes, size, small), { ...size, ...small }, size);
  },
};

export const jpegCompression: Corruption<'jpeg_compression'> = {
  label: 'JPEG compression',
  group: 'digital',
  random: false,
  apply: ({ bytes, constants: quality, ...size }) => throughJpeg(bytes, size, quality),
};

export const elasticTransform: Corruption<'elastic_transform'> = {
  label: 'Elastic transform',
  group: 'digital',
  random: true,
  apply(clean) {
    const side = Math.min(clean.height, clean.width);
    const [length, sigma, reach] = clean.constants;
    return truncated32(bend(pictureOf32(clean), { length: side * length, sigma: side * sigma, reach: side * reach }, clean.stream));
  },
};
