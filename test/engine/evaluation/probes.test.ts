/** What probes say of numbers that are right, and of those that are too high. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Backend } from '../../../engine/backends/backend.ts';
import { type ChosenAttack, chosenAttack, measureConfig, pgdConfig, type RobustnessRule } from '../../../engine/config.ts';
import { count } from '../../../engine/evaluation/flags.ts';
import { plannedAttack } from '../../../engine/evaluation/measurement.ts';
import { Meter } from '../../../engine/evaluation/meter.ts';
import { probe, probePasses, probesOf } from '../../../engine/evaluation/probes.ts';
import { unwatched } from '../../../engine/watch.ts';
import type { Weights } from '../../../engine/weights/weights.ts';
import { oneThread } from '../one-thread.ts';
import { shattered } from '../shattered.ts';
import { tinyNetwork, tinySet, tinyWeights } from '../tiny.ts';

let backend: Backend;
let weights: Weights;
beforeAll(async () => {
  backend = await oneThread();
  weights = await tinyWeights(backend);
});
afterAll(() => backend.dispose());

const own = pgdConfig.parse({ epsilon: 0.06, stepSize: 0.015, steps: 10 });
const pgd = (changes = {}): ChosenAttack => ({ name: 'PGD', config: { ...own, ...changes } });

async function probed(attack: ChosenAttack, made = { network: tinyNetwork, weights }, rule: RobustnessRule = 'ANY_STEP') {
  const meter = new Meter(backend, made.network, made.weights, { measure: measureConfig.parse({}), seed: 3, adversarial: false });
  const clean = await meter.standard(tinySet, unwatched);
  const planned = plannedAttack(attack, rule);
  const { robust } = await meter.robust(planned, tinySet, clean, unwatched);
  let passes = 0;
  const watch = {
    ...unwatched,
    advance(amount: number) {
      passes += amount;
    },
  };
  const findings = await probe(planned, { set: tinySet, clean, robust }, (...tried) => meter.robust(...tried), watch);
  await meter.dispose();
  expect(passes).toBe(probePasses(planned, tinySet));
  return { findings, robust, clean };
}

const honest: [string, ChosenAttack][] = [
  ['PGD', pgd()],
  ['PGD of one run to the end', pgd({ randomStart: false })],
  ['PGD_KL', chosenAttack({ name: 'PGD_KL' }, own)],
  ['PGD_L2_KL', chosenAttack({ name: 'PGD_L2_KL', epsilon: 0.8 }, own)],
  ['PGD_MARGIN', chosenAttack({ name: 'PGD_MARGIN' }, own)],
  ['PGD_L2', chosenAttack({ name: 'PGD_L2', epsilon: 0.8 }, own)],
  ['APGD_CE', chosenAttack({ name: 'APGD_CE', steps: 12 }, own)],
  ['FAB_T', chosenAttack({ name: 'FAB_T', steps: 40 }, own)],
  ['SQUARE', chosenAttack({ name: 'SQUARE', queries: 150 }, own)],
];

it.each(honest)('have nothing against %s on an honest network', async (_name, attack) => {
  const { findings, robust, clean } = await probed(attack);
  expect(count(robust)).toBeLessThan(count(clean));
  expect(findings).toEqual([]);
});

it('have nothing against PGD that goes by its last step', async () => {
  expect((await probed(pgd(), undefined, 'LAST_STEP')).findings).toEqual([]);
});

it('find the network whose gradient points nowhere, by guesses', async () => {
  const before = await probed(pgd());
  const { findings, robust } = await probed(pgd(), shattered(tinyNetwork, weights));
  expect(count(robust)).toBeGreaterThan(count(before.robust));
  expect(findings).toContainEqual(
    expect.stringMatching(/^\d+ of \d+ images that survive the attack are fooled by 33 guesses without a gradient\.$/),
  );
});

it('find an attack that ends too soon, by one of twice its steps', async () => {
  const { findings } = await probed(pgd({ steps: 3, randomStart: false }));
  expect(findings).toEqual([
    expect.stringMatching(/^\d of \d images that survive the attack are fooled by one of twice as many steps: it ends too soon\.$/),
  ]);
});

it('find an attack that takes no steps, by one that does', async () => {
  const { findings } = await probed(pgd({ steps: 0 }));
  expect(findings).toContainEqual(expect.stringContaining('fooled by one that takes steps: it ends too soon.'));
});

it('are tried on one image in a hundred, at least eight, and guesses on four times as many', () => {
  const imagesOf = (images: number) => probesOf(pgd(), images).map((one) => one.images);
  expect(imagesOf(5)).toEqual([5, 5, 5, 5, 5]);
  expect(imagesOf(100)).toEqual([8, 8, 8, 8, 32]);
  expect(imagesOf(10_000)).toEqual([64, 64, 64, 64, 256]);
});
