import type { Dataset } from '../data/dataset.ts';

/** What a network takes in and gives out: image shape, normalisation of its pixels, number of classes. */
export type Input = Pick<Dataset, 'shape' | 'classes' | 'normalisation'>;

/** Mean and standard deviation of each channel, of pixels in [0, 1]. */
export type Normalisation = NonNullable<Dataset['normalisation']>;
