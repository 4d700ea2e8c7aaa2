/** Numbers, times and sizes as people read them, with their units. */

const absent = '–';

const specialWords: Record<string, string> = { NaN: 'NaN', Infinity: '∞', '-Infinity': '−∞' };

/** What is no finite number, by the name that the API gives it. */
export const special = (name: string): string => specialWords[name] ?? name;

/** 0.8431 → "84.3%". */
export function percent(fraction: number | null | undefined, digits = 1): string {
  if (fraction == null) return absent;
  return Number.isFinite(fraction) ? `${(fraction * 100).toFixed(digits)}%` : special(String(fraction));
}

/** A difference of two fractions in percentage points: 0.0124 → "+1.2". */
export function points(difference: number | null | undefined, digits = 1): string {
  if (difference == null) return absent;
  if (!Number.isFinite(difference)) return special(String(difference));
  const rounded = (difference * 100).toFixed(digits);
  const zero = Number(rounded) === 0;
  if (zero) return `±${Math.abs(0).toFixed(digits)}`;
  return rounded.startsWith('-') ? `−${rounded.slice(1)}` : `+${rounded}`;
}

const grouped = new Intl.NumberFormat('en-US');

/** 11173962 → "11,173,962". */
export const count = (value: number): string => grouped.format(value);

const compactNumbers = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 4 });

/** 11173962 → "11.17M". */
export const compact = (value: number): string => compactNumbers.format(value);

/** Four significant digits, all of a whole part; powers of ten for what is very small or large. */
export function decimal(value: number | null | undefined): string {
  if (value == null) return absent;
  if (!Number.isFinite(value)) return special(String(value));
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e7) return value.toExponential(2).replace('-', '−').replace('+', '');
  if (size >= 1000) return grouped.format(Math.round(value)).replace('-', '−');
  return String(Number(value.toPrecision(4))).replace('-', '−');
}

/**
 * Writes the numbers of a column: all with as many digits after the point as show four digits of the largest and two of the
 * smallest. Where sizes differ too much for that, each is written by itself.
 */
export function decimalsOf(values: readonly number[]): (value: number | null | undefined) => string {
  const sizes = values.map(Math.abs).filter((size) => size > 0 && Number.isFinite(size));
  const place = (size: number) => Math.floor(Math.log10(size) + 1e-9);
  const digits = Math.max(0, 3 - place(Math.max(...sizes)), 1 - place(Math.min(...sizes)));
  if (sizes.length === 0 || digits > 6 || Math.max(...sizes) >= 1e7) return decimal;
  const fixed = new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return (value) => (value == null || !Number.isFinite(value) ? decimal(value) : fixed.format(value).replace('-', '−'));
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'];

/** 4736112 → "4.74 MB", in powers of 1000. */
export function bytes(value: number): string {
  const power = value < 1000 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log10(value) / 3));
  return `${power === 0 ? value : (value / 1000 ** power).toPrecision(3)} ${byteUnits[power]}`;
}

/** 252.3 → "4 min 12 s". */
export function duration(seconds: number | null | undefined): string {
  if (seconds == null || !Number.isFinite(seconds)) return absent;
  if (seconds < 1) return `${Math.max(0, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 ? `${minutes} min ${whole % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A duration that is not known well, in one unit: 3_650_000 → "42 days". */
export function roughly(seconds: number): string {
  const units: [string, number][] = [
    ['year', 365 * 86_400],
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
    ['second', 1],
  ];
  const [unit, length] = units.find(([name, each]) => seconds >= (name === 'year' ? 2 : name === 'second' ? 0 : 1.5) * each) ?? [
    'second',
    1,
  ];
  const value = seconds / length;
  const rounded = value < 10 && unit !== 'second' ? Number(value.toFixed(1)) : Math.max(1, Math.round(value));
  return `${grouped.format(rounded)} ${unit}${rounded === 1 ? '' : 's'}`;
}

/** "3 min ago", "just now", "12 Nov 2026". */
export function ago(time: string, now: number): string {
  const seconds = (now - Date.parse(time)) / 1000;
  if (seconds < 0) return `in ${duration(-seconds)}`;
  if (seconds < 10) return 'just now';
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  if (seconds < 7 * 86_400) return `${Math.floor(seconds / 86_400)} d ago`;
  return new Date(time).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
}

/** Date and time to the second, in the reader's time zone. */
export const exactly = (time: string): string => new Date(time).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** Time of day to the second, in the reader's time zone. */
export const clock = (time: string | number): string => new Date(time).toLocaleTimeString('en-GB');
