/** An image bent like rubber: a random affine map, then a smooth random displacement of every pixel. */
import type { RandomStream } from '../random.ts';
import { type Edge, mirrored, reflected } from './correlate.ts';
import { gaussian } from './gaussian.ts';
import type { Picture } from './picture.ts';

/** In pixels: length and smoothness of the displacements, reach of the three anchor points. */
interface Bend {
  length: number;
  sigma: number;
  reach: number;
}

type Point = [x: number, y: number];

type Coordinate = (x: number, y: number) => number;

/** The affine map that takes three points to three others: its x and its y. */
function affine(from: Point[], to: Point[]): [x: Coordinate, y: Coordinate] {
  const [[x0, y0], [x1, y1], [x2, y2]] = from as [Point, Point, Point];
  const area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0);
  const axis = (coordinate: 0 | 1) => {
    const [u0, u1, u2] = to.map((point) => point[coordinate]) as [number, number, number];
    const a = ((u1 - u0) * (y2 - y0) - (u2 - u0) * (y1 - y0)) / area;
    const b = ((u2 - u0) * (x1 - x0) - (u1 - u0) * (x2 - x0)) / area;
    return (x: number, y: number) => u0 + a * (x - x0) + b * (y - y0);
  };
  return [axis(0), axis(1)];
}

/** Where every pixel of the new image comes from: a column and a row of the old one, fractions included. */
interface Sources {
  columns: Float64Array;
  rows: Float64Array;
}

/** Linear interpolation at the sources. */
function sampled({ data, height, width, channels }: Picture, { columns, rows }: Sources, edge: Edge): Float64Array {
  const result = new Float64Array(data.length);
  let target = 0;
  for (let pixel = 0; pixel < height * width; pixel++) {
    const left = Math.floor(columns[pixel] as number);
    const top = Math.floor(rows[pixel] as number);
    const across = (columns[pixel] as number) - left;
    const down = (rows[pixel] as number) - top;
    const near = edge(left, width) * channels;
    const far = edge(left + 1, width) * channels;
    const upper = edge(top, height) * width * channels;
    const lower = edge(top + 1, height) * width * channels;
    for (let channel = 0; channel < channels; channel++) {
      const above = (1 - across) * (data[upper + near + channel] as number) + across * (data[upper + far + channel] as number);
      const below = (1 - across) * (data[lower + near + channel] as number) + across * (data[lower + far + channel] as number);
      result[target++] = (1 - down) * above + down * below;
    }
  }
  return result;
}

export function bend(picture: Picture, { length, sigma, reach }: Bend, stream: RandomStream): Float64Array {
  const { height, width, channels } = picture;
  const [centreX, centreY] = [Math.floor(width / 2), Math.floor(height / 2)];
  const arm = Math.floor(Math.min(height, width) / 3);
  const anchors: Point[] = [
    [centreX + arm, centreY + arm],
    [centreX + arm, centreY - arm],
    [centreX - arm, centreY - arm],
  ];
  const random = () => 2 * stream.uniform() - 1;
  const moved = anchors.map(([x, y]): Point => [x + reach * random(), y + reach * random()]);
  const [columnOf, rowOf] = affine(moved, anchors);
  const sources = { columns: new Float64Array(height * width), rows: new Float64Array(height * width) };
  for (let pixel = 0; pixel < height * width; pixel++) {
    const y = Math.floor(pixel / width);
    sources.columns[pixel] = columnOf(pixel - y * width, y);
    sources.rows[pixel] = rowOf(pixel - y * width, y);
  }
  const tilted = sampled(picture, sources, mirrored);
  if (length === 0) return tilted;
  const field = () => {
    const data = new Float64Array(height * width);
    for (let pixel = 0; pixel < data.length; pixel++) data[pixel] = random();
    return gaussian({ height, width, channels: 1, data }, sigma, reflected, 3);
  };
  const [right, down] = [field(), field()];
  for (let pixel = 0; pixel < height * width; pixel++) {
    const y = Math.floor(pixel / width);
    sources.columns[pixel] = pixel - y * width + length * (right[pixel] as number);
    sources.rows[pixel] = y + length * (down[pixel] as number);
  }
  return sampled({ height, width, channels, data: tilted }, sources, reflected);
}
