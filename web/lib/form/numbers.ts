/** Numbers as people write them in a form. */

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** "8/255", "0.03" or "1e-3" as a number; null for anything else, 0x10 and 1_000 among it. */
export function numberOf(text: string): number | null {
  const [above = '', below, ...more] = text.split('/').map((part) => part.trim());
  if (more.length > 0 || [above, below ?? '1'].some((part) => !decimal.test(part))) return null;
  const value = below === undefined ? Number(above) : Number(above) / Number(below);
  return Number.isFinite(value) ? value : null;
}

/** A number as people write it: a pixel distance that is a whole number of levels, and no short decimal, as such. */
export function writtenNumber(value: number): string {
  const levels = value > 0 && value < 1 && String(value).length > 6 ? value * 255 : Number.NaN;
  return Math.abs(levels - Math.round(levels)) < 1e-9 ? `${Math.round(levels)}/255` : String(value);
}
