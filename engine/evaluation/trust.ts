/** Whether a robust accuracy can be trusted: what the attack saw on its way tells. */
import type { Survivors } from '../attacks/survivors.ts';
import type { Verdict } from '../recorder.ts';

/** Share of images above which one sign makes a number SUSPECT. A healthy network shows none; one odd image is not the number. */
const mostOdd = 0.01;
/** Share of images whose loss may fall: an attack that climbs raises nearly all. */
const mostLowered = 0.5;

const count = (flags: Uint8Array) => flags.reduce((sum, flag) => sum + flag, 0);
const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(2)} %`;

/** What is odd about the numbers, one sentence each. clean and survivors are of the same images; epsilon: the attack's, in pixels. */
export function findingsOf(clean: Uint8Array, survivors: Survivors, epsilon: number): string[] {
  const { robust, attacked, vanished, stuck, lowered, finished } = survivors;
  const findings: string[] = [];
  if (vanished > mostOdd * attacked)
    findings.push(
      `The gradient of the loss is exactly zero for ${vanished} of ${attacked} attacked images: the network hides it. The attack climbed another loss there; a stronger one may fool more.`,
    );
  if (stuck > mostOdd * attacked)
    findings.push(`${stuck} of ${attacked} attacked images have no gradient at all: the attack did not move them.`);
  if (lowered > mostLowered * finished)
    findings.push(`The attack lowered the loss of ${lowered} of the ${finished} images that went through all of its steps.`);
  if (count(robust) > count(clean))
    findings.push(
      `The robust accuracy, ${percent(count(robust), robust.length)}, is above the standard one, ${percent(count(clean), clean.length)}.`,
    );
  const changed = robust.filter((flag, image) => flag !== clean[image]).length;
  if (epsilon === 0 && changed > 0) findings.push(`With an epsilon of 0 the attack changed the answer for ${changed} images.`);
  return findings;
}

export function verdictOf(clean: Uint8Array, survivors: Survivors, epsilon: number): Verdict {
  const findings = findingsOf(clean, survivors, epsilon);
  return { trust: findings.length > 0 ? 'SUSPECT' : 'CHECKED', findings };
}
