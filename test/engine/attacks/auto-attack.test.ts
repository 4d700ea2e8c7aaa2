/** The attacks of AutoAttack on a tiny network. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAttack, passesOf } from '../../../engine/attacks/attacks.ts';
import { Checkpoints } from '../../../engine/attacks/checkpoints.ts';
import { findSurvivors } from '../../../engine/attacks/survivors.ts';
import { AttackTools } from '../../../engine/attacks/tools.ts';
import type { Backend } from '../../../engine/backends/backend.ts';
import { type AttackName, type ChosenAttack, chosenAttack, pgdConfig } from '../../../engine/config.ts';
import { type ImageSet, partOf } from '../../../engine/data/splits.ts';
import { count } from '../../../engine/evaluation/flags.ts';
import { resnet } from '../../../engine/models/resnet.ts';
import { unwatched } from '../../../engine/watch.ts';
import type { Weights } from '../../../engine/weights/weights.ts';
import { oneThread } from '../one-thread.ts';
import { syntheticSet } from '../synthetic.ts';
import { tinyNetwork, tinySet, tinyShape, tinyWeights } from '../tiny.ts';

let backend: Backend;
let weights: Weights;
beforeAll(async () => {
  backend = await oneThread();
  weights = await tinyWeights(backend);
});
afterAll(() => backend.dispose());

const own = pgdConfig.parse({ epsilon: 0.06, stepSize: 0.015, steps: 5 });
/** The tiny network has three classes, one too few for the targeted loss. */
const attacks: ChosenAttack[] = [
  chosenAttack({ name: 'APGD_CE', steps: 12, restarts: 2 }, own),
  chosenAttack({ name: 'APGD_DLR', steps: 12 }, own),
  chosenAttack({ name: 'FAB_T', steps: 8 }, own),
  chosenAttack({ name: 'SQUARE', queries: 150 }, own),
  chosenAttack({ name: 'PGD_DLR' }, own),
  chosenAttack({ name: 'PGD_KL' }, own),
  chosenAttack({ name: 'PGD_L2', epsilon: 0.8 }, own),
];

async function survivors(chosen: ChosenAttack, set: ImageSet = tinySet, advance: (passes: number) => void = () => {}) {
  const tools = new AttackTools(backend, tinyNetwork, weights);
  const attack = createAttack(tools, chosen, 'ANY_STEP');
  const { correct: clean } = await tools.predictor.predictAll(set, unwatched);
  const watch = { ...unwatched, advance };
  const found = await findSurvivors({ attack, passes: passesOf(chosen), set, clean, rule: 'ANY_STEP', seed: 3, watch });
  await tools.dispose();
  return { clean, ...found };
}

describe.each(attacks.map((attack) => [attack.name, attack] as const))('%s', (_name, attack) => {
  it('fools some images and not all, tells the watch of every pass, and does not mind how the images are cut', async () => {
    let passes = 0;
    const { clean, robust } = await survivors(attack, tinySet, (amount) => {
      passes += amount;
    });
    expect(passes).toBe(tinySet.count * passesOf(attack));
    expect(count(robust)).toBeLessThan(count(clean));
    expect(count(robust)).toBeGreaterThan(0);
    const first = await survivors(attack, partOf(tinySet, 0, 5));
    const rest = await survivors(attack, partOf(tinySet, 5, tinySet.count));
    expect(Uint8Array.of(...first.robust, ...rest.robust)).toEqual(robust);
  });

  it('fools none within nothing', async () => {
    const nothing = { ...attack, config: { ...attack.config, epsilon: 0 } } as ChosenAttack;
    const { clean, robust } = await survivors(nothing);
    expect(robust).toEqual(clean);
  });
});

describe('AutoAttack', () => {
  const network = resnet('four classes', { shape: tinyShape, classes: 4 }, [1], 4);
  const set = { ...syntheticSet(24, tinyShape), classes: 4 };

  it('is its parts in turn on what the ones before left', async () => {
    const tools = new AttackTools(backend, network, await tinyWeights(backend, network));
    const { correct: clean } = await tools.predictor.predictAll(set, unwatched);
    const run = (name: AttackName, right: Uint8Array) => {
      const chosen = chosenAttack({ name }, own);
      return findSurvivors({
        attack: createAttack(tools, chosen, 'ANY_STEP'),
        passes: passesOf(chosen),
        set,
        clean: right,
        rule: 'ANY_STEP',
        seed: 3,
        watch: unwatched,
      });
    };
    const whole = await run('AUTO_ATTACK', clean);
    let left = clean;
    for (const name of ['APGD_CE', 'APGD_T', 'FAB_T', 'SQUARE'] as const) {
      const before = count(left);
      left = (await run(name, left)).robust;
      expect(whole.parts[name]?.fooled, name).toBe(before - count(left));
    }
    expect(whole.robust).toEqual(left);
    expect(whole.parts.APGD_CE?.fooled).toBeGreaterThan(0);
    expect(count(left)).toBeGreaterThan(0);
    await tools.dispose();
  });

  it('needs four classes', () => {
    const tools = new AttackTools(backend, tinyNetwork, weights);
    const chosen = chosenAttack({ name: 'AUTO_ATTACK' }, own);
    expect(() => createAttack(tools, chosen, 'ANY_STEP')).toThrow('AUTO_ATTACK needs at least 4 classes; this network has 3.');
  });
});

describe('the checkpoints of Auto-PGD', () => {
  /** Goes on to the next checkpoint; halved there, and after how many steps it is. */
  function next(checkpoints: Checkpoints, share: number, best: number): { steps: number; halved: boolean } {
    const steps = checkpoints.left;
    expect(checkpoints.take(steps - 1)).toBe(false);
    expect(checkpoints.take(1)).toBe(true);
    return { steps, halved: checkpoints.judge(Math.floor(share * steps), best) };
  }

  it('come after 22, 41, 57 ... of 100 steps, and halve the step of a run that rises too seldom', () => {
    const rising = new Checkpoints(100, 1);
    const stuck = new Checkpoints(100, 1);
    rising.begin(0);
    stuck.begin(0);
    const reached: number[] = [];
    for (let step = 0; step < 99; ) {
      const { steps, halved } = next(rising, 1, step + 1);
      expect(halved).toBe(false);
      expect(next(stuck, 0.5, 1)).toEqual({ steps, halved: true });
      step += steps;
      reached.push(step);
    }
    expect(reached).toEqual([22, 41, 57, 70, 80, 87, 93, 99]);
    expect([rising.stepSize, stuck.stepSize]).toEqual([1, 2 ** -8]);
  });

  it('halve it where the best did not rise since the last one, unless that halved it too', () => {
    const one = new Checkpoints(100, 1);
    one.begin(0);
    expect([5, 5, 5, 5].map((best) => next(one, 1, best).halved)).toEqual([false, true, false, true]);
  });
});
