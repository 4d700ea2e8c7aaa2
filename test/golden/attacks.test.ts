/** The attacks on so few images that each attack of AutoAttack still breaks some, and leaves some. */
import { describeAttacks } from './attacks.ts';

describeAttacks({
  pgd: { first: 0, images: 40 },
  autoAttack: { first: 448, images: 24 },
});
