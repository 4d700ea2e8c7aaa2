import type { Geometry } from './layers.ts';

/** Where the zeros around a map go at stride 2: on every side, or only at its end (TensorFlow's SAME for even sides). */
export type PaddingOption = 'EVEN' | 'END';

const atEnd = { top: 0, left: 0, bottom: 1, right: 1 };

/** Geometry of a 3 x 3 convolution that keeps the map's size, but for its stride. */
export const spatial = (stride: number, option: PaddingOption = 'EVEN'): Geometry => ({
  stride,
  padding: option === 'END' && stride === 2 ? atEnd : 1,
});
