/**
 * What an attack has to be able to do if its number is to be believed (after Carlini et al., 2019, "On evaluating adversarial
 * robustness"), tried on a few images beside the number itself.
 */
import { passesOf } from '../attacks/attacks.ts';
import { type ChosenAttack, isL2, isPgd } from '../config.ts';
import { type ImageSet, partOf } from '../data/splits.ts';
import type { Watch } from '../watch.ts';
import { count, differing } from './flags.ts';
import { type Planned, plannedAttack } from './measurement.ts';

/** Images that the probes are tried on: one in a hundred, so that their passes cost less than a tenth of the number's, within these bounds. */
const [fewest, most] = [8, 64];
export const probedImages = (images: number) => Math.min(images, Math.max(fewest, Math.min(most, Math.floor(images / 100))));

/**
 * Guesses without a gradient: at most so many, and no more than take as long as the attack itself. Where a gradient points nowhere,
 * the first few are what fools: of the 9 of 43 images that a hundred fooled on such a network, 8 fell to 16. It takes many images to
 * tell, though, so that this is tried on more of them than the other probes.
 */
const blackBoxQueries = 100;
const queriesOfPass = 3;
const timesGuessed = 4;
const guessedImages = (images: number) => Math.min(images, timesGuessed * probedImages(images));

/** An l2 radius, in pixels of [0, 1], that spans images of 100 x 100 pixels. */
const widest = 100;

/** Attacks that differ from one in some settings, those that it has. */
function changed(attack: ChosenAttack, changes: Record<string, unknown>): ChosenAttack {
  const known = Object.entries(changes).filter(([key]) => key in attack.config);
  return { name: attack.name, config: { ...attack.config, ...Object.fromEntries(known) } } as ChosenAttack;
}

/** An attack, on how many and which of the images, and what is wrong with what it leaves. */
export interface Probe {
  attack: ChosenAttack;
  /** The first so many. */
  images: number;
  /** Whether only images are attacked that the number's attack left right, or only those that it fooled; all when absent. */
  only?: 'SURVIVORS' | 'FOOLED';
  /** found: images that survive the probe; robust and clean: those that survive the number's attack, and those right without it. */
  wrong(found: Uint8Array, robust: Uint8Array, clean: Uint8Array): string | undefined;
}

/** One odd image is not the number, and a twentieth of many. */
const isMuch = (images: number, of: number) => images > Math.max(1, of / 20);

/**
 * Twice the steps always fool a few more: on honest networks 4 % of what 10 steps of PGD left, and 2 % of what 20 left. An attack
 * that stopped far too soon leaves many.
 */
const isUnfinished = (images: number, of: number) => images > Math.max(2, of / 5);

/** AutoAttack is probed by its first attack, since it can be no weaker than that. */
const representative = (attack: ChosenAttack): ChosenAttack =>
  attack.name === 'AUTO_ATTACK' ? { name: 'APGD_CE', config: { epsilon: attack.config.epsilon, steps: 100, restarts: 1 } } : attack;

const queriesBeside = (attack: ChosenAttack) => Math.min(blackBoxQueries, queriesOfPass * passesOf(attack));

/** More steps help nobody but the attacker. longer: the attack with more of them, in words. */
const savedBy = (longer: string, found: Uint8Array, robust: Uint8Array, clean: Uint8Array): string | undefined => {
  const fooled = clean.map((flag, image) => flag & ~(robust[image] as number));
  const saved = count(found.map((flag, image) => flag & (fooled[image] as number)));
  return isMuch(saved, count(fooled)) ? `${saved} of ${count(fooled)} images that the attack fools survive ${longer}.` : undefined;
};

/** And the attacker not much: that images fall to more steps says that the number is too high. */
const fooledBy = (longer: string, found: Uint8Array, robust: Uint8Array): string | undefined => {
  const fooled = count(robust.map((flag, image) => flag & ~(found[image] as number)));
  return isUnfinished(fooled, count(robust))
    ? `${fooled} of ${count(robust)} images that survive the attack are fooled by ${longer}: it ends too soon.`
    : undefined;
};

/** images: of the number, not of the probes. */
export function probesOf(attack: ChosenAttack, images: number): Probe[] {
  const short = representative(attack);
  const once = { epsilon: 0, stepSize: 0, steps: 1, queries: 1, targets: 1, restarts: 1 };
  const everywhere = isL2(attack.name) ? widest : 1;
  // The KL divergence has no gradient at the image itself.
  const randomStart = attack.name.endsWith('_KL');
  const unbounded = { steps: 10, randomStart, restarts: 1, targets: 1, queries: blackBoxQueries };
  const few = probedImages(images);
  const probes: Probe[] = [
    {
      attack: changed(short, once),
      images: few,
      wrong: (found, _robust, clean) =>
        differing(found, clean) > 0
          ? `With an epsilon of 0 the attack changed the answer for ${differing(found, clean)} of ${found.length} images.`
          : undefined,
    },
    {
      attack: changed(short, { ...unbounded, epsilon: everywhere, stepSize: everywhere / 4 }),
      images: few,
      wrong: (found) =>
        isMuch(count(found), found.length)
          ? `${count(found)} of ${found.length} images survive an attack that may change them at will: it does not find what is there.`
          : undefined,
    },
    {
      attack,
      images: few,
      wrong: (found, robust) =>
        isMuch(differing(found, robust), found.length)
          ? `The attack says something else about ${differing(found, robust)} of ${found.length} images when they are attacked alone.`
          : undefined,
    },
  ];
  const more = longer(attack);
  if (more) probes.push({ ...more, images: few });
  if (!isL2(attack.name) && attack.name !== 'SQUARE') {
    const queries = queriesBeside(attack);
    probes.push({
      attack: { name: 'SQUARE', config: { epsilon: attack.config.epsilon, queries } },
      images: guessedImages(images),
      only: 'SURVIVORS',
      wrong: (found, robust) =>
        isMuch(count(robust) - count(found), count(robust))
          ? `${count(robust) - count(found)} of ${count(robust)} images that survive the attack are fooled by ${queries} guesses without a gradient.`
          : undefined,
    });
  }
  return probes;
}

const twice = 'one of twice as many steps';
/** What an attack is tried against that takes none, and guesses one point. */
const stepsForNone = 10;

/**
 * The attack with twice its steps; undefined where it has none of its own. A search by queries comes to no end by itself, its number is
 * that of its queries: it is tried again only on what it fooled.
 */
function longer(attack: ChosenAttack): Pick<Probe, 'attack' | 'only' | 'wrong'> | undefined {
  if ('queries' in attack.config)
    return {
      attack: changed(attack, { queries: 2 * attack.config.queries }),
      only: 'FOOLED',
      wrong: (...flags) => savedBy(twice, ...flags),
    };
  if (!('steps' in attack.config)) return undefined;
  const { steps } = attack.config;
  const words = steps === 0 ? 'one that takes steps' : twice;
  return {
    attack: changed(attack, { steps: steps === 0 ? stepsForNone : 2 * steps }),
    wrong: (found, robust, clean) => savedBy(words, found, robust, clean) ?? fooledBy(words, found, robust),
  };
}

/** Passes of images through the network that the probes of an attack take. */
export function probePasses({ attack }: Planned, set: ImageSet): number {
  return attack ? probesOf(attack, set.count).reduce((sum, { attack: probing, images }) => sum + images * passesOf(probing), 0) : 0;
}

/** Which images survive an attack; clean: which it is tried on. */
export type Try = (planned: Planned, set: ImageSet, clean: Uint8Array, watch: Watch) => Promise<{ robust: Uint8Array }>;

/**
 * What the probes have against a number, one sentence each. robust and clean: what its attack left right, and what is right without
 * one, of the whole set. The watch advances by probePasses.
 */
export async function probe(planned: Planned, { set, clean, robust }: Numbers, attempt: Try, watch: Watch): Promise<string[]> {
  const { attack, measurement } = planned;
  if (!attack) return [];
  const findings: string[] = [];
  for (const { attack: probing, images, only, wrong } of probesOf(attack, set.count)) {
    const [fewClean, fewRobust] = [clean.slice(0, images), robust.slice(0, images)];
    const fewFooled = fewClean.map((flag, image) => flag & ~(fewRobust[image] as number));
    const rule = isPgd(probing.name) ? (measurement.rule ?? 'ANY_STEP') : 'ANY_STEP';
    const attacked = only === 'SURVIVORS' ? fewRobust : only === 'FOOLED' ? fewFooled : fewClean;
    const tried = await attempt(plannedAttack(probing, rule), partOf(set, 0, images), attacked, watch);
    findings.push(...[wrong(tried.robust, fewRobust, fewClean)].filter((text) => text !== undefined));
  }
  return findings;
}

export interface Numbers {
  set: ImageSet;
  clean: Uint8Array;
  robust: Uint8Array;
}
