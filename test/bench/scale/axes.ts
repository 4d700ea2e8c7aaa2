/** What is made larger, in doublings; counts of images are multiples of every batch size of their work. */
import { modulesOf } from '../../../engine/models/modules.ts';
import { basicResnet } from './networks.ts';
import type { Work } from './works.ts';

export interface ScaleAxis {
  name: string;
  /** What a unit of the sizes is. */
  unit: string;
  sizes: readonly number[];
  work(size: number): Work;
  /** Units of work in a size where that is not the size itself. */
  units?(size: number): number;
  /** One more than a size, for what a remainder costs. */
  remainder?: number;
  /** Processes side by side, as many as the size, each on one thread. */
  sideBySide?: boolean;
}

const doublings = (first: number, count: number) => Array.from({ length: count + 1 }, (_, index) => first * 2 ** index);

/** What scoring every fourth module would cost if each needed whole passes. */
function naivePasses(blocks: number): number {
  const { network, macs } = basicResnet({ blocks, width: 16, side: 32 });
  return Math.floor(modulesOf(network).length / 4) * macs;
}

export const axes: readonly ScaleAxis[] = [
  {
    name: 'images, MRC of 2 modules',
    unit: 'image',
    sizes: doublings(256, 3),
    work: (images) => ({ name: 'MRC', images }),
    remainder: 1024,
  },
  {
    name: 'images, PGD evaluation',
    unit: 'image',
    sizes: doublings(256, 3),
    work: (images) => ({ name: 'evaluation', images }),
    remainder: 1024,
  },
  {
    name: 'images, PGD-AT epoch',
    unit: 'image',
    sizes: doublings(256, 3),
    work: (images) => ({ name: 'training', images }),
    remainder: 1024,
  },
  { name: 'images, fine-tuning epoch', unit: 'image', sizes: doublings(512, 3), work: (images) => ({ name: 'fine-tune', images }) },
  { name: 'α points of a sweep', unit: 'point', sizes: doublings(1, 3), work: (alphas) => ({ name: 'sweep', alphas }) },
  { name: 'modules scored', unit: 'module', sizes: doublings(2, 3), work: (modules) => ({ name: 'modules', modules }) },
  {
    name: 'depth, MRC',
    unit: 'module × MAC',
    sizes: doublings(1, 3),
    work: (blocks) => ({ name: 'depth', blocks }),
    units: naivePasses,
  },
  {
    name: 'width, PGD',
    unit: 'MAC',
    sizes: [16, 32, 64],
    work: (width) => ({ name: 'width', width }),
    units: (width) => basicResnet({ blocks: 1, width, side: 32 }).macs,
  },
  {
    name: 'side of the images, PGD',
    unit: 'pixel',
    sizes: [32, 64, 128, 224],
    work: (side) => ({ name: 'pixels', side }),
    units: (side) => side ** 2,
  },
  {
    name: 'images of 224², no passes',
    unit: 'image',
    sizes: doublings(64, 3),
    work: (images) => ({ name: 'large images', images }),
  },
  { name: 'engines side by side', unit: 'engine', sizes: [1, 2], work: () => ({ name: 'evaluation', images: 512 }), sideBySide: true },
];
