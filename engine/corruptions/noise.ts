/** Noise: every element on its own. */
import { type Corruption, pictureOf, truncated } from './picture.ts';
import { poisson } from './poisson.ts';

export const gaussianNoise: Corruption<'gaussian_noise'> = {
  label: 'Gaussian noise',
  group: 'noise',
  random: true,
  apply(clean) {
    const noise = clean.stream.fillNormal(new Float32Array(clean.bytes.length), 0, clean.constants);
    const { data } = pictureOf(clean);
    for (let index = 0; index < data.length; index++) data[index] = (data[index] as number) + (noise[index] as number);
    return truncated(data);
  },
};

export const speckleNoise: Corruption<'speckle_noise'> = {
  label: 'Speckle noise',
  group: 'noise',
  random: true,
  apply(clean) {
    const noise = clean.stream.fillNormal(new Float32Array(clean.bytes.length), 0, clean.constants);
    const { data } = pictureOf(clean);
    for (let index = 0; index < data.length; index++) data[index] = (data[index] as number) * (1 + (noise[index] as number));
    return truncated(data);
  },
};

/** Counts of photons, of which a white pixel emits `constants` on average. */
export const shotNoise: Corruption<'shot_noise'> = {
  label: 'Shot noise',
  group: 'noise',
  random: true,
  apply({ bytes, constants: photons, stream }) {
    const draw = poisson(photons);
    const light = new Float64Array(bytes.length);
    for (let index = 0; index < bytes.length; index++) light[index] = draw(bytes[index] as number, stream.uniform()) / photons;
    return truncated(light);
  },
};

/** Salt and pepper: elements become black or white, each as likely as the other. */
export const impulseNoise: Corruption<'impulse_noise'> = {
  label: 'Impulse noise',
  group: 'noise',
  random: true,
  apply({ bytes, constants: amount, stream }) {
    return bytes.map((byte) => {
      const draw = stream.uniform();
      if (draw > amount) return byte;
      return draw * 2 > amount ? 255 : 0;
    });
  },
};
