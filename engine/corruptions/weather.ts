/** Weather: what lies between the camera and the scene. */
import { throughHsv } from './colour.ts';
import { frostOf } from './frost.ts';
import { type Corruption, greyOf, pictureOf, pictureOf32, truncated, truncated32 } from './picture.ts';
import { plasma } from './plasma.ts';
import { splashed } from './spatter.ts';
import { streaked } from './streak.ts';
import { zoomed } from './zoom.ts';

export const fog: Corruption<'fog'> = {
  label: 'Fog',
  group: 'weather',
  random: true,
  apply(clean) {
    const [weight, decay] = clean.constants;
    const { data, height, width, channels } = pictureOf(clean);
    const side = 2 ** Math.ceil(Math.log2(Math.max(height, width)));
    const heights = plasma(side, decay, clean.stream);
    let most = 0;
    for (let index = 0; index < data.length; index++) most = Math.max(most, data[index] as number);
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const thickness = weight * (heights[row * side + column] as number);
        let index = (row * width + column) * channels;
        for (const end = index + channels; index < end; index++)
          data[index] = (((data[index] as number) + thickness) * most) / (most + weight);
      }
    return truncated(data);
  },
};

export const frost: Corruption<'frost'> = {
  label: 'Frost',
  group: 'weather',
  random: true,
  apply({ bytes, constants: [image, ice], stream, ...size }) {
    const photograph = frostOf(size, stream);
    return bytes.map((byte, index) => Math.min(255, image * byte + ice * (photograph[index] as number)));
  },
};

/** Flakes: thresholded noise, enlarged and streaked downward; once as they fall, once turned by 180 degrees. */
export const snow: Corruption<'snow'> = {
  label: 'Snow',
  group: 'weather',
  random: true,
  apply(clean) {
    const [mean, deviation, zoom, threshold, radius, sigma, share] = clean.constants;
    const { height, width, channels, stream } = clean;
    const one = { height, width, channels: 1 };
    const noise = new Float64Array(stream.fillNormal(new Float32Array(height * width), mean, deviation));
    const flakes = truncated(zoomed({ ...one, data: noise }, zoom).map((value) => (value < threshold ? 0 : value)));
    const layer = pictureOf({ ...one, bytes: streaked(flakes, one, { radius, sigma, degrees: -135 + 90 * stream.uniform() }) }).data;
    const picture = pictureOf32(clean);
    const { data } = picture;
    const grey = greyOf(picture);
    for (let pixel = 0; pixel < layer.length; pixel++) {
      const pale = (grey[pixel] as number) * 1.5 + 0.5;
      const fallen = (layer[pixel] as number) + (layer[layer.length - 1 - pixel] as number);
      for (let index = pixel * channels; index < (pixel + 1) * channels; index++) {
        const value = data[index] as number;
        data[index] = share * value + (1 - share) * Math.max(value, pale) + fallen;
      }
    }
    return truncated(data);
  },
};

export const brightness: Corruption<'brightness'> = {
  label: 'Brightness',
  group: 'weather',
  random: false,
  apply(clean) {
    const { data, channels } = pictureOf(clean);
    if (channels === 1) return truncated(data.map((value) => value + clean.constants));
    return truncated(throughHsv(data, { saturation: (saturation) => saturation, value: (value) => value + clean.constants }));
  },
};

export const spatter: Corruption<'spatter'> = {
  label: 'Spatter',
  group: 'weather',
  random: true,
  apply: (clean) => truncated32(splashed(pictureOf32(clean), clean.constants, clean.stream)),
};
