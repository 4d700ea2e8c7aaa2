/** What is odd about scores, for whoever reads them. */
import type { MrcScore } from '../recorder.ts';

const listed = (scores: readonly MrcScore[]) => scores.map(({ module }) => module).join(', ');

/** Of a network whose accuracy on the adversarial examples is 0. */
export const rightOnNone =
  'The network is right on none of the adversarial examples: the scores tell how much worse wrong answers get, not how robust it is.';

/** Sentences about scores of one network, lower bounds left out; none where nothing is odd. */
export function noticesOf(all: readonly MrcScore[]): string[] {
  const scores = all.filter(({ complete }) => complete);
  const notices: string[] = [];
  const still = scores.filter(({ robustLoss, losses, epsilon }) => epsilon > 0 && losses.every((loss) => loss === robustLoss));
  if (still.length > 0) notices.push(`The score is 0 for want of a gradient, not because the module is uncritical: ${listed(still)}.`);
  const lowered = scores.filter(({ robustLoss, losses }) => Math.max(...losses) < robustLoss);
  if (lowered.length > 0)
    notices.push(
      `The ascent only ever lowered the loss, and the score is 0 for want of a better point (try a lower learning rate): ${listed(lowered)}.`,
    );
  const least = Math.min(...scores.map(({ score }) => score));
  const tied = scores.filter(({ score }) => score === least);
  if (tied.length > 1)
    notices.push(
      `${tied.length} modules share the lowest score, ${least}; the first of them counts as the least critical: ${listed(tied)}.`,
    );
  return notices;
}
