/** Hue, saturation and value, as scikit-image computes them. */

interface Change {
  /** The new saturation and value; may lie outside [0, 1], where they are clipped. */
  saturation(saturation: number): number;
  value(value: number): number;
}

const clip = (value: number) => (value < 0 ? 0 : value > 1 ? 1 : value);

/** In [0, 1); of equal channels the later one decides. */
function hueOf(red: number, green: number, blue: number, most: number, spread: number): number {
  if (spread === 0) return 0;
  let sixth = (green - blue) / spread;
  if (blue === most) sixth = 4 + (red - green) / spread;
  else if (green === most) sixth = 2 + (blue - red) / spread;
  const hue = sixth / 6;
  return hue - Math.floor(hue);
}

/** Of the six sectors of the hue, which of [value, rising, falling, low] red, green and blue are. */
const sectors = [0, 1, 3, 2, 0, 3, 3, 0, 1, 3, 2, 0, 1, 3, 0, 0, 3, 2];

/** Turns pixels (RGB, in [0, 1]) to HSV, changes them, and turns them back; in place. */
export function throughHsv(data: Float64Array, { saturation, value }: Change): Float64Array {
  const parts = new Float64Array(4);
  for (let at = 0; at < data.length; at += 3) {
    const red = data[at] as number;
    const green = data[at + 1] as number;
    const blue = data[at + 2] as number;
    const most = Math.max(red, green, blue);
    const spread = most - Math.min(red, green, blue);
    const sixths = hueOf(red, green, blue, most, spread) * 6;
    const sector = Math.floor(sixths);
    const rest = sixths - sector;
    const newValue = clip(value(most));
    const newSaturation = clip(saturation(spread === 0 ? 0 : spread / most));
    parts[0] = newValue;
    parts[1] = newValue * (1 - (1 - rest) * newSaturation);
    parts[2] = newValue * (1 - rest * newSaturation);
    parts[3] = newValue * (1 - newSaturation);
    const first = (sector % 6) * 3;
    for (let channel = 0; channel < 3; channel++) data[at + channel] = parts[sectors[first + channel] as number] as number;
  }
  return data;
}
