/** Whether a robust accuracy can be trusted: what the attack saw on its way tells. */
import type { Survivors } from '../attacks/survivors.ts';
import type { Verdict } from '../recorder.ts';
import { count, differing } from './flags.ts';

/** Share of images above which one sign makes a number SUSPECT. A healthy network shows none; one odd image is not the number. */
const mostOdd = 0.01;
/** Share of images whose loss may fall: an attack that climbs raises nearly all. */
const mostLowered = 0.5;

const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(2)} %`;

/** The first attack of AutoAttack: that its loss saturates is what the other three are there for. */
const saturating = 'APGD_CE';
/** The black-box attack behind gradient attacks, and the share of all images above which it may fool none that they left. */
const [blackBox, mostGuessed] = ['SQUARE', 0.002];

/** Images at which the loss of an attack has no gradient; of several attacks in turn, of the worst one that has to have one. */
function vanishedOf({ parts, vanished }: Survivors): number {
  const of = Object.entries(parts).flatMap(([name, part]) => (name === saturating ? [] : [part.vanished]));
  return of.length > 0 ? Math.max(...of) : vanished;
}

/** What is odd about the numbers, one sentence each. clean and survivors are of the same images; epsilon: the attack's, in pixels. */
export function findingsOf(clean: Uint8Array, survivors: Survivors, epsilon: number): string[] {
  const { robust, attacked, stuck, lowered, finished, parts } = survivors;
  const vanished = vanishedOf(survivors);
  const findings: string[] = [];
  if (vanished > mostOdd * attacked)
    findings.push(
      `The gradient of the loss is exactly zero for ${vanished} of ${attacked} attacked images: the network hides it, and a stronger attack may fool more.`,
    );
  if (stuck > mostOdd * attacked)
    findings.push(`${stuck} of ${attacked} attacked images have no gradient at all: the attack did not move them.`);
  if (lowered > mostLowered * finished)
    findings.push(`The attack lowered the loss of ${lowered} of the ${finished} images that went through all of its steps.`);
  if (count(robust) > count(clean))
    findings.push(
      `The robust accuracy, ${percent(count(robust), robust.length)}, is above the standard one, ${percent(count(clean), clean.length)}.`,
    );
  const changed = differing(robust, clean);
  if (epsilon === 0 && changed > 0) findings.push(`With an epsilon of 0 the attack changed the answer for ${changed} images.`);
  const guessed = parts[blackBox]?.fooled ?? 0;
  if (guessed > mostGuessed * robust.length)
    findings.push(
      `${blackBox} fooled ${guessed} images that no gradient found the way for: the attacks before it do not see all there is.`,
    );
  return findings;
}

export function verdictOf(clean: Uint8Array, survivors: Survivors, epsilon: number, more: readonly string[] = []): Verdict {
  const findings = [...findingsOf(clean, survivors, epsilon), ...more];
  return { trust: findings.length > 0 ? 'SUSPECT' : 'CHECKED', findings };
}

/** What AutoAttack warns of although its number stands. */
export function warningsOf({ parts, attacked }: Survivors, classes: number): string[] {
  const warnings: string[] = [];
  const vanished = parts[saturating]?.vanished ?? 0;
  if (vanished > 0)
    warnings.push(
      `The gradient of the cross-entropy is exactly zero for ${vanished} of ${attacked} attacked images; what ${saturating} says is not to be relied on.`,
    );
  if (parts[saturating] && classes < 10) warnings.push(`Of nine classes to aim at, ${classes - 1} exist.`);
  return warnings;
}
