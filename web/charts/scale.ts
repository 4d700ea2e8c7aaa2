/** Ranges and ticks of an axis for numbers of any size: losses, percentages, learning rates, what diverges. */
import { decimal } from '../lib/format.ts';

/** The range to draw: the values with a little air; around a single value some, so that it has a place. */
export function rangeOf(low: number | null, high: number | null): [number, number] {
  if (low == null || high == null || !Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const width = high - low;
  if (width <= Math.abs(high) * 1e-12) {
    const air = Math.abs(high) * 0.1 || 1;
    return [bounded(low - air), bounded(high + air)];
  }
  const air = Number.isFinite(width) ? width * 0.06 : Number.MAX_VALUE * 0.02;
  return [bounded(low - air), bounded(high + air)];
}

const bounded = (value: number) => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

/** The range of accuracies in [0, 1], with air that stays there. */
export function shareRange(low: number | null, high: number | null): [number, number] {
  if (low == null || high == null) return [0, 1];
  const air = Math.max(0.02, (high - low) * 0.06);
  return [Math.max(0, low - air), Math.min(1, high + air)];
}

/** About so many round numbers between two bounds, the distance of two a power of ten times 1, 2 or 5. */
export function ticksOf(low: number, high: number, wanted = 5): { ticks: number[]; step: number } {
  const rough = high / wanted - low / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  if (!(rough > 0) || power === 0 || !Number.isFinite(power)) return { ticks: [low, high], step: rough };
  const step = ([1, 2, 5].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10) * power;
  const first = Math.ceil(low / step);
  const count = Math.min(50, Math.floor(high / step) - first);
  return { ticks: Array.from({ length: count + 1 }, (_, index) => (first + index) * step), step };
}

/** A tick with as many digits as tell it from its neighbours. */
export function tickText(value: number, step: number): string {
  const size = Math.abs(value);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  if (size < step * 1e-6) return '0';
  if (size >= 1e7 || (size < 1e-3 && digits > 5)) return decimal(Number(value.toPrecision(6)));
  if (digits > 8) return decimal(value);
  return (size >= 1000 && digits === 0 ? Math.round(value).toLocaleString('en-US') : value.toFixed(digits)).replace('-', '−');
}

/** Powers of ten between two positive bounds; every so many of them where there are many. */
export function powersOf(low: number, high: number, most = 6): number[] {
  const [from, to] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const every = Math.max(1, Math.ceil((to - from + 1) / most));
  return Array.from({ length: Math.max(0, Math.floor((to - from) / every) + 1) }, (_, index) => 10 ** (from + index * every));
}

/** Whether powers of ten tell more than round numbers: every value is positive, and they differ by more than 30 times. */
export const suitsLog = ({ low, high }: { low: number; high: number }): boolean => low > 0 && high / low > 30;
