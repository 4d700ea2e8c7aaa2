/**
 * What baseline JPEG does to an image: 4:2:0, the quantisation tables of Annex K, the integer transforms and the smooth
 * upsampling of libjpeg. The lossless coding in between is left out: nothing of it reaches a pixel.
 */
import type { Size } from '../picture.ts';
import { chromaOf, enlarged, halved, rgbOf } from './chroma.ts';
import { throughDct } from './dct.ts';
import { extended, type Plane } from './plane.ts';
import { colourTable, greyTable } from './tables.ts';

const block = 8;

/** The plane after its blocks were transformed, quantised and transformed back. */
function quantised(plane: Plane, table: Int32Array): Plane {
  const whole = extended(plane, block);
  for (let row = 0; row < whole.height; row += block)
    for (let column = 0; column < whole.width; column += block) throughDct(whole.samples, row * whole.width + column, whole.width, table);
  const samples = new Uint8Array(plane.width * plane.height);
  for (let row = 0; row < plane.height; row++)
    samples.set(whole.samples.subarray(row * whole.width, row * whole.width + plane.width), row * plane.width);
  return { ...plane, samples };
}

/** quality: from 1 to 100, as libjpeg counts it. */
export function throughJpeg(bytes: Uint8Array, { height, width, channels }: Size, quality: number): Uint8Array {
  if (channels === 1) return quantised({ width, height, samples: bytes }, greyTable(quality)).samples;
  const [luma, blue, red] = chromaOf(bytes, { height, width });
  const lumaBack = quantised(luma, greyTable(quality));
  const [blueBack, redBack] = [blue, red].map((plane) => enlarged(quantised(halved(plane), colourTable(quality)), { height, width }));
  return rgbOf(lumaBack, blueBack as Plane, redBack as Plane);
}
