/** One channel of an image while JPEG handles it. */

/** One channel; width and height are those of its samples. */
export interface Plane {
  width: number;
  height: number;
  samples: Uint8Array;
}

const padded = (length: number, multiple: number) => Math.ceil(length / multiple) * multiple;

/** The plane with its last column and row repeated up to the next multiple. */
export function extended({ width, height, samples }: Plane, multiple: number): Plane {
  const to = { width: padded(width, multiple), height: padded(height, multiple) };
  const result = new Uint8Array(to.width * to.height);
  for (let row = 0; row < to.height; row++)
    for (let column = 0; column < to.width; column++)
      result[row * to.width + column] = samples[Math.min(row, height - 1) * width + Math.min(column, width - 1)] as number;
  return { ...to, samples: result };
}
