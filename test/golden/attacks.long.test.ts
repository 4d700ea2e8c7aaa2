/** The attacks on images enough for shares of them to be compared. */
import { describeAttacks } from './attacks.ts';

describeAttacks({
  pgd: { first: 0, images: 100 },
  autoAttack: { first: 0, images: 60 },
  alone: { first: 0, images: 40 },
  trap: { first: 0, images: 20 },
});
