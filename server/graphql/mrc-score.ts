/** Module robust criticality. */
import { WeightNorm } from './enums.ts';
import { MrcScore } from './objects.ts';

MrcScore.implement({
  description:
    'Robust criticality of one module: how much the robust loss can grow when its weights move a little (paper, definition 3.1).',
  fields: (t) => ({
    module: t.exposeString('module', { description: 'Name of the module, as in PyTorch.' }),
    score: t.exposeFloat('score', { description: 'perturbedLoss minus robustLoss; at least 0. Mean cross-entropy of an image, in nats.' }),
    complete: t.exposeBoolean('complete', {
      description: 'Whether the ascent was followed to its end; otherwise score and perturbedLoss are lower bounds (criticality.until).',
    }),
    rank: t.exposeInt('rank', {
      description: '1 is the lowest score: the non-robust-critical module. A lower bound ranks as if it were the score.',
    }),
    robustLoss: t.float({
      description: 'Mean cross-entropy on the adversarial examples, in nats.',
      resolve: ({ robustLoss }) => robustLoss ?? 0,
    }),
    perturbedLoss: t.float({
      description: 'The same with the module perturbed within its ball: the largest found.',
      resolve: ({ perturbedLoss, robustLoss, score }) => perturbedLoss ?? (robustLoss ?? 0) + score,
    }),
    epsilon: t.float({
      description: "Radius of the ball, as a fraction of the weight's norm.",
      resolve: ({ epsilon }) => epsilon ?? 0,
    }),
    norm: t.field({
      type: WeightNorm,
      description: 'Norm of the ball and of the weight.',
      resolve: ({ norm }) => norm as typeof WeightNorm.$inferType,
    }),
    losses: t.exposeFloatList('losses', { description: 'The loss after every epoch of ascent.' }),
  }),
});
