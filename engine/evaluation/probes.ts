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

/** Images that the probes are tried on: one in a hundred, so that they cost less than a tenth of the number, within these bounds. */
const [fewest, most] = [8, 64];
export const probedImages = (images: number) => Math.min(images, Math.max(fewest, Math.min(most, Math.floor(images / 100))));

/** Queries of the black-box attack: few find what a gradient that points nowhere does not. */
const blackBoxQueries = 100;

/** Images from which on the probes are a hundredth of the set; of fewer, a larger part of it. */
const many = 100 * fewest;

/** Queries that take as long as a pass with its gradient. */
const queriesOfPass = 3;

/** An l2 radius, in pixels of [0, 1], that spans images of 100 x 100 pixels. */
const widest = 100;

/** Attacks that differ from one in some settings, those that it has. */
function changed(attack: ChosenAttack, changes: Record<string, unknown>): ChosenAttack {
  const known = Object.entries(changes).filter(([key]) => key in attack.config);
  return { name: attack.name, config: { ...attack.config, ...Object.fromEntries(known) } } as ChosenAttack;
}

/** An attack, on which of the few images, and what is wrong with what it leaves. */
export interface Probe {
  attack: ChosenAttack;
  /** Whether only images are attacked that the number's attack left right, or only those that it fooled; all when absent. */
  only?: 'SURVIVORS' | 'FOOLED';
  /** found: images that survive the probe; robust and clean: those that survive the number's attack, and those right without it. */
  wrong(found: Uint8Array, robust: Uint8Array, clean: Uint8Array): string | undefined;
}

/** One odd image is not the number, and a twentieth of many. */
const isMuch = (images: number, of: number) => images > Math.max(1, of / 20);

/** AutoAttack is probed by its first attack, since it can be no weaker than that. */
const representative = (attack: ChosenAttack): ChosenAttack =>
  attack.name === 'AUTO_ATTACK' ? { name: 'APGD_CE', config: { epsilon: attack.config.epsilon, steps: 100, restarts: 1 } } : attack;

/** Of a small set, no more queries than take as long as the attack itself. */
const queriesBeside = (attack: ChosenAttack, images: number) =>
  images >= many ? blackBoxQueries : Math.min(blackBoxQueries, queriesOfPass * passesOf(attack));

/** images: of the number, not of the probes. */
export function probesOf(attack: ChosenAttack, images: number): Probe[] {
  const short = representative(attack);
  const once = { epsilon: 0, stepSize: 0, steps: 1, queries: 1, targets: 1, restarts: 1 };
  const everywhere = isL2(attack.name) ? widest : 1;
  const unbounded = { steps: 10, randomStart: false, restarts: 1, targets: 1, queries: blackBoxQueries };
  const probes: Probe[] = [
    {
      attack: changed(short, once),
      wrong: (found, _robust, clean) =>
        differing(found, clean) > 0
          ? `With an epsilon of 0 the attack changed the answer for ${differing(found, clean)} of ${found.length} images.`
          : undefined,
    },
    {
      attack: changed(short, { ...unbounded, epsilon: everywhere, stepSize: everywhere / 4 }),
      wrong: (found) =>
        isMuch(count(found), found.length)
          ? `${count(found)} of ${found.length} images survive an attack that may change them at will: it does not find what is there.`
          : undefined,
    },
    {
      attack,
      wrong: (found, robust) =>
        isMuch(differing(found, robust), found.length)
          ? `The attack says something else about ${differing(found, robust)} of ${found.length} images when they are attacked alone.`
          : undefined,
    },
  ];
  if (attack.name !== 'AUTO_ATTACK' && longer(attack))
    probes.push({
      attack: longer(attack) as ChosenAttack,
      only: 'FOOLED',
      wrong(found, robust) {
        const fooled = robust.length - count(robust);
        const saved = found.filter((flag, image) => flag === 1 && robust[image] === 0).length;
        return isMuch(saved, fooled) ? `${saved} of ${fooled} images that the attack fools survive one of twice as many steps.` : undefined;
      },
    });
  if (!isL2(attack.name) && attack.name !== 'SQUARE') {
    const queries = queriesBeside(attack, images);
    probes.push({
      attack: { name: 'SQUARE', config: { epsilon: attack.config.epsilon, queries } },
      only: 'SURVIVORS',
      wrong: (found, robust) =>
        isMuch(count(robust) - count(found), count(robust))
          ? `${count(robust) - count(found)} of ${count(robust)} images that survive the attack are fooled by ${queries} guesses without a gradient.`
          : undefined,
    });
  }
  return probes;
}

/** The attack with twice its steps; undefined where that is more than attacks may have. */
function longer(attack: ChosenAttack): ChosenAttack | undefined {
  if ('queries' in attack.config) return changed(attack, { queries: 2 * attack.config.queries });
  return 'steps' in attack.config ? changed(attack, { steps: 2 * attack.config.steps }) : undefined;
}

/** Passes of images through the network that the probes of an attack take. */
export function probePasses({ attack }: Planned, set: ImageSet): number {
  return attack ? probedImages(set.count) * probesOf(attack, set.count).reduce((sum, probe) => sum + passesOf(probe.attack), 0) : 0;
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
  const images = probedImages(set.count);
  const few = partOf(set, 0, images);
  const [fewClean, fewRobust] = [clean.slice(0, images), robust.slice(0, images)];
  const findings: string[] = [];
  const fewFooled = fewClean.map((flag, image) => flag & ~(fewRobust[image] as number));
  for (const { attack: probing, only, wrong } of probesOf(attack, set.count)) {
    const rule = isPgd(probing.name) ? (measurement.rule ?? 'ANY_STEP') : 'ANY_STEP';
    const attacked = only === 'SURVIVORS' ? fewRobust : only === 'FOOLED' ? fewFooled : fewClean;
    const tried = await attempt(plannedAttack(probing, rule), few, attacked, watch);
    findings.push(...[wrong(tried.robust, fewRobust, fewClean)].filter((text) => text !== undefined));
  }
  return findings;
}

export interface Numbers {
  set: ImageSet;
  clean: Uint8Array;
  robust: Uint8Array;
}
