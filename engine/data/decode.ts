/** Image files as pixels. */
import { DataError } from '../errors.ts';
import type { ImageShape } from './pixels.ts';

/** Formats that are read; a file says itself which it is, whatever its name. */
const formats = ['jpeg', 'png', 'webp'];
const mostPixels = 4096 * 4096;

export const isImageName = (name: string) => /\.(jpe?g|png|webp)$/i.test(name);

/** Of formats that are not read. */
export const isOtherImageName = (name: string) => /\.(bmp|gif|tiff?|avif|heic|jp2|jxl|p[bgnp]m)$/i.test(name);

async function open(path: string) {
  const { default: sharp } = await import('sharp');
  return sharp(path, { failOn: 'error', limitInputPixels: mostPixels, pages: 1 });
}

const hint = 'Take the file away or replace it by a whole JPEG, PNG or WebP of the same size as the others.';

function refuse(path: string, problem: string): never {
  throw new DataError(`${path} ${problem}.`, hint);
}

/** Libraries below say the same once for each time that they tried. */
const firstLine = ({ message }: Error) => message.split('\n')[0];

/** Size of an image, and whether it has colours. Throws DataError for what is no image. */
export async function describeImage(path: string): Promise<{ height: number; width: number; channels: 1 | 3 }> {
  const { format, height, width, channels } = await (await open(path))
    .metadata()
    .catch((error: Error) => refuse(path, `is no image that can be read: ${firstLine(error)}`));
  if (!formats.includes(format)) refuse(path, `is a ${format} image; expected JPEG, PNG or WebP`);
  return { height, width, channels: channels >= 3 ? 3 : 1 };
}

/** The pixels of an image of this shape, 0 to 255. Grey becomes colour where the shape has three channels; transparency is left out. */
export async function decodeImage(path: string, [height, width, channels]: ImageShape): Promise<Uint8Array> {
  const found = await describeImage(path);
  if (found.height !== height || found.width !== width)
    refuse(path, `is ${found.height} x ${found.width} pixels large; the others are ${height} x ${width}`);
  if (found.channels > channels) refuse(path, 'has colours; the others are grey');
  const image = (await open(path))
    .removeAlpha()
    .toColourspace(channels === 3 ? 'srgb' : 'b-w')
    .raw();
  const bytes = await image.toBuffer().catch((error: Error) => refuse(path, `cannot be decoded: ${firstLine(error)}`));
  if (bytes.length !== height * width * channels) refuse(path, `has ${bytes.length} values; expected ${height * width * channels}`);
  return bytes;
}
