import type { Dataset } from '../data/dataset.ts';

/** What a network takes in and gives out: image shape, normalisation of its pixels, number of classes. */
export type Input = Pick<Dataset, 'shape' | 'classes' | 'normalisation'>;
