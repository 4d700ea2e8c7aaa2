/** Made-up images of any size and number of classes, computed whenever they are needed: they take no memory and no files. */
import { createHash } from 'node:crypto';
import { RandomStream } from '../random.ts';
import type { Dataset, Part } from './dataset.ts';
import type { Pixels } from './pixels.ts';

const seed = 20230814;
const version = 1;

interface Form {
  classes: number;
  /** Height and width. */
  side: number;
  channels: number;
  images: Record<Part, number>;
}

const noise = 40;
const waves = 4;

/** A class shows as a sum of waves of its own; every image has them moved, and noise. */
function draw({ side, channels }: Form, label: number, stream: RandomStream, target: Uint8Array, offset: number): void {
  const own = new RandomStream(seed, 'synthetic class', label);
  const move = [stream.uniform(), stream.uniform()] as const;
  const parts = Array.from({ length: waves * channels }, () => ({
    ...{ down: 1 + own.below(4), across: 1 + own.below(4), phase: 2 * Math.PI * own.uniform() },
  }));
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++)
      for (let channel = 0; channel < channels; channel++) {
        let sum = 128 + noise * (2 * stream.uniform() - 1);
        for (let wave = 0; wave < waves; wave++) {
          const { down, across, phase } = parts[channel * waves + wave] as (typeof parts)[number];
          sum += 20 * Math.sin((2 * Math.PI * (down * (row + 3 * move[0]) + across * (column + 3 * move[1]))) / side + phase);
        }
        target[offset + (row * side + column) * channels + channel] = Math.max(0, Math.min(255, sum));
      }
}

function pixelsOf(form: Form, part: Part, positions: Int32Array): Pixels {
  return {
    imageBytes: form.side * form.side * form.channels,
    copy(image, target, offset) {
      const position = positions[image] as number;
      draw(form, position % form.classes, new RandomStream(seed, `synthetic ${part}`, position), target, offset);
    },
  };
}

function syntheticOf(name: string, label: string, form: Form): Dataset {
  const sha256 = createHash('sha256')
    .update(JSON.stringify([version, seed, form]))
    .digest('hex');
  return {
    ...{ name, label, shape: [form.side, form.side, form.channels], classes: form.classes, images: form.images },
    hint: () => 'Synthetic images need no files.',
    state: async () => ({ state: 'READY' }),
    content: async () => ({ sha256, official: true }),
    read: async (_folder, part, positions) => ({
      pixels: pixelsOf(form, part, positions),
      labels: positions.map((position) => position % form.classes),
    }),
  };
}

export const synthetic = syntheticOf('synthetic', 'Synthetic', { classes: 10, side: 32, channels: 3, images: { train: 5000, test: 1000 } });

const within = (value: number, least: number, most: number) => value >= least && value <= most;

/**
 * The dataset of a name such as `synthetic-300-classes-64-px-20000-images-grey`, each part of which may be left out; undefined for
 * other names. name: canonical, without hyphens. The test part has a fifth as many images.
 */
export function syntheticNamed(name: string): Dataset | undefined {
  const found = /^synthetic(?:(\d+)classes)?(?:(\d+)px)?(?:(\d+)images)?(grey)?$/.exec(name);
  if (!found) return undefined;
  const [classes, side, train] = [Number(found[1] ?? 10), Number(found[2] ?? 32), Number(found[3] ?? 5000)];
  if (!within(classes, 2, 100_000) || !within(side, 8, 1024) || !within(train, 10, 10_000_000)) return undefined;
  const form = { classes, side, channels: found[4] ? 1 : 3, images: { train, test: Math.ceil(train / 5) } };
  return syntheticOf(name, `Synthetic (${classes} classes, ${side} px)`, form);
}
