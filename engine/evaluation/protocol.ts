/** Protocol strings: equal for two numbers exactly when they were measured the same way on the same images. */
import type { MeasureConfig, PgdConfig } from '../config.ts';
import type { ImageSet } from '../data/splits.ts';

/** A pixel distance as people write it: 8/255 where it is a whole number of levels. */
export function pixels(value: number): string {
  const levels = value * 255;
  return Math.abs(levels - Math.round(levels)) < 1e-9 && value !== 0 && value !== 1 ? `${Math.round(levels)}/255` : String(value);
}

/** `PGD linf eps=8/255 step=2/255 steps=10 random-start restarts=1 any-step`. */
function attack({ epsilon, stepSize, steps, randomStart, restarts }: PgdConfig, rule: MeasureConfig['rule']): string {
  const start = randomStart ? `random-start restarts=${restarts}` : 'clean-start';
  return `PGD linf eps=${pixels(epsilon)} step=${pixels(stepSize)} steps=${steps} ${start} ${rule.toLowerCase().replace('_', '-')}`;
}

export function standardProtocol(set: ImageSet): string {
  return `standard; ${set.description}`;
}

/** The seed counts where the attack starts at random. */
export function adversarialProtocol(measure: MeasureConfig, seed: number, set: ImageSet): string {
  const chance = measure.attack.randomStart ? ` seed=${seed}` : '';
  return `adversarial: ${attack(measure.attack, measure.rule)}${chance}; ${set.description}`;
}
