/** Networks that hide their gradient: the same predictions, with logits so far apart that the cross-entropy saturates. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAttack, passesOf } from '../../../engine/attacks/attacks.ts';
import { findSurvivors } from '../../../engine/attacks/survivors.ts';
import { AttackTools } from '../../../engine/attacks/tools.ts';
import type { Backend } from '../../../engine/backends/backend.ts';
import { count } from '../../../engine/evaluation/flags.ts';
import { Predictor } from '../../../engine/evaluation/predictor.ts';
import { verdictOf } from '../../../engine/evaluation/trust.ts';
import { unwatched } from '../../../engine/watch.ts';
import type { Weights } from '../../../engine/weights/weights.ts';
import { scaled } from '../arrays.ts';
import { oneThread } from '../one-thread.ts';
import { tinyAttack, tinyNetwork, tinySet, tinyWeights } from '../tiny.ts';

let backend: Backend;
let healthy: Weights;
beforeAll(async () => {
  backend = await oneThread();
  healthy = await tinyWeights(backend);
});
afterAll(() => backend.dispose());

async function attacked(weights: Weights, name: 'PGD' | 'PGD_MARGIN', changes = {}) {
  const config = { ...tinyAttack, ...changes };
  const tools = new AttackTools(backend, tinyNetwork, weights);
  const attack = createAttack(tools, { name, config }, 'ANY_STEP');
  const { correct: clean } = await tools.predictor.predictAll(tinySet, unwatched);
  const passes = passesOf({ name, config });
  const survivors = await findSurvivors({ attack, passes, set: tinySet, clean, rule: 'ANY_STEP', seed: 3, watch: unwatched });
  await tools.dispose();
  return { clean, survivors, ...verdictOf(clean, survivors, config.epsilon) };
}

describe('a network whose last layer is multiplied by a large number', () => {
  it('is as robust as it was before, and its number is SUSPECT', async () => {
    const before = await attacked(healthy, 'PGD');
    expect(before).toMatchObject({ trust: 'CHECKED', findings: [], survivors: { vanished: 0, stuck: 0 } });
    const trap = scaled(healthy, ['linear.weight', 'linear.bias'], 1e5);
    const after = await attacked(trap, 'PGD');
    expect(after.clean).toEqual(before.clean);
    expect(after.survivors.vanished).toBeGreaterThan(0.9 * after.survivors.attacked);
    expect(Math.abs(count(after.survivors.robust) - count(before.survivors.robust))).toBeLessThanOrEqual(1);
    expect(count(after.survivors.robust)).toBeLessThan(count(after.clean));
    expect(after.trust).toBe('SUSPECT');
    expect(after.findings).toEqual([expect.stringMatching(/^The gradient of the loss is exactly zero for \d+ of \d+ attacked images/)]);
  });

  it('gives the margin attack nothing to trip over', async () => {
    const trap = scaled(healthy, ['linear.weight', 'linear.bias'], 2 ** 17);
    const [before, after] = [await attacked(healthy, 'PGD_MARGIN'), await attacked(trap, 'PGD_MARGIN')];
    expect(after.survivors.robust).toEqual(before.survivors.robust);
    expect(after).toMatchObject({ trust: 'CHECKED', survivors: { vanished: 0 } });
  });
});

describe('a network without any gradient', () => {
  it('is SUSPECT: nothing moves', async () => {
    const dead = scaled(healthy, ['bn1.weight'], 0);
    const { survivors, findings } = await attacked(dead, 'PGD_MARGIN', { randomStart: false });
    expect(survivors.stuck).toBe(survivors.attacked);
    expect(survivors.attacked).toBeGreaterThan(0);
    expect(findings).toContain(
      `${survivors.attacked} of ${survivors.attacked} attacked images have no gradient at all: the attack did not move them.`,
    );
  });
});

describe('what else makes a number SUSPECT', () => {
  const clean = Uint8Array.of(1, 1, 0, 0);
  const none = { attacked: 2, vanished: 0, stuck: 0, lowered: 0, finished: 2, parts: {}, ended: false };
  const findings = (robust: number[], changes = {}, epsilon = 0.1) =>
    verdictOf(clean, { ...none, robust: Uint8Array.from(robust), ...changes }, epsilon).findings;

  it('is said in words, each for itself', () => {
    expect(findings([1, 0, 0, 0])).toEqual([]);
    expect(findings([1, 1, 1, 0])).toEqual(['The robust accuracy, 75.00 %, is above the standard one, 50.00 %.']);
    expect(findings([1, 0, 0, 0], {}, 0)).toEqual(['With an epsilon of 0 the attack changed the answer for 1 images.']);
    expect(findings([1, 0, 0, 0], { lowered: 2 })).toEqual([
      'The attack lowered the loss of 2 of the 2 images that went through all of its steps.',
    ]);
    expect(findings([1, 1, 0, 0], {}, 0)).toEqual([]);
  });
});

describe('weights that give no finite numbers', () => {
  it('end an evaluation with image and batch', async () => {
    const broken = scaled(healthy, ['linear.weight'], 1e38);
    const predictor = new Predictor(backend, tinyNetwork, broken);
    const failure = predictor.predictAll(tinySet, unwatched);
    await expect(failure).rejects.toThrow(
      /The network's outputs for image \d+ of synthetic holdout\[0:48\] \(batch 1\) are no finite numbers: its loss is (NaN|Infinity)\./,
    );
    await expect(failure).rejects.toHaveProperty('hint', expect.stringContaining('The weights themselves'));
    await predictor.dispose();
  });

  it('end an attack that meets them on its way', async () => {
    const predictor = new Predictor(backend, tinyNetwork, healthy);
    const broken = scaled(healthy, ['linear.weight'], 1e38);
    const tools = new AttackTools(backend, tinyNetwork, broken);
    const attack = createAttack(tools, { name: 'PGD', config: tinyAttack }, 'ANY_STEP');
    const { correct: clean } = await predictor.predictAll(tinySet, unwatched);
    const passes = passesOf({ name: 'PGD', config: tinyAttack });
    const failure = findSurvivors({ attack, passes, set: tinySet, clean, rule: 'ANY_STEP', seed: 3, watch: unwatched });
    await expect(failure).rejects.toThrow(/The loss is (NaN|Infinity) at pass 1 of the attack on image \d+ of synthetic holdout\[0:48\]\./);
    await Promise.all([tools.dispose(), predictor.dispose()]);
  });
});
