/** An attack in words, for protocols and labels. */

/** Everything about an attack that changes its numbers, but the seed. Distances are in pixels of [0, 1]. */
export type AttackDescription = { name: string; norm?: string } & Record<string, string | number | boolean | undefined>;

/** A pixel distance as people write it: 8/255 where it is a whole number of levels. */
export function pixels(value: number): string {
  const levels = value * 255;
  return Math.abs(levels - Math.round(levels)) < 1e-9 && value !== 0 && value !== 1 ? `${Math.round(levels)}/255` : String(value);
}

const dashed = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Settings of an attack that are written shorter, and those that are pixel distances. */
const short: Record<string, string> = { epsilon: 'eps', stepSize: 'step' };

/** `PGD linf eps=8/255 step=2/255 steps=10 random-start restarts=1`. */
export function attackText({ name, norm, ...settings }: AttackDescription): string {
  const words = Object.entries(settings).map(([key, value]) => {
    if (typeof value === 'boolean') return value ? dashed(key) : `no-${dashed(key)}`;
    return `${short[key] ?? dashed(key)}=${key in short ? pixels(value as number) : String(value)}`;
  });
  return [name, norm, ...words].filter(Boolean).join(' ');
}
