import { describe, expect, it } from 'vitest';
import { attackNames, chosenAttack, measureConfig, pgdConfig } from '../../../engine/config.ts';
import { planMeasurements } from '../../../engine/evaluation/measurement.ts';

const problems = (measure: object) =>
  (measureConfig.safeParse(measure).error?.issues ?? []).map(({ path, message }) => [path.join('.'), message]);

describe('the attacks of an evaluation', () => {
  it('take what they do not say from the evaluation and from the published constants', () => {
    const own = pgdConfig.parse({ epsilon: 0.3, stepSize: 0.02, steps: 40 });
    expect(chosenAttack({ name: 'PGD_MARGIN' }, own).config).toEqual(own);
    expect(chosenAttack({ name: 'PGD_MARGIN', epsilon: 0.1 }, own).config).toEqual({ ...own, epsilon: 0.1, stepSize: 0.025 });
    expect(chosenAttack({ name: 'PGD', options: { stepSize: 0.01, randomStart: false } }, own).config).toMatchObject({
      stepSize: 0.01,
      steps: 40,
    });
    expect(chosenAttack({ name: 'PGD_L2' }, own).config).toMatchObject({ epsilon: 0.5, stepSize: 0.1, steps: 10 });
    expect(chosenAttack({ name: 'APGD_T' }, own).config).toEqual({ epsilon: 0.3, steps: 100, restarts: 1, targets: 9 });
    expect(chosenAttack({ name: 'FAB_T' }, own).config).toEqual({ epsilon: 0.3, steps: 100, targets: 9 });
    expect(chosenAttack({ name: 'SQUARE', queries: 200 }, own).config).toEqual({ epsilon: 0.3, queries: 200 });
    expect(chosenAttack({ name: 'AUTO_ATTACK' }, own).config).toEqual({ epsilon: 0.3 });
  });

  it('are refused where they are unknown, or would be ignored', () => {
    expect(problems({ attacks: [{ name: 'CW' }] })[0]?.[0]).toBe('attacks.0.name');
    expect(problems({ attacks: [{ name: 'SQUARE', steps: 10 }] })).toEqual([
      ['attacks.0.steps', 'SQUARE has no setting steps; it has epsilon, queries.'],
    ]);
    expect(problems({ attacks: [{ name: 'PGD_DLR', options: { momentum: 1 } }] })[0]?.[0]).toBe('attacks.0.options.momentum');
    expect(problems({ attacks: [{ name: 'PGD_DLR', options: { epsilon: 0.1 } }] })[0]?.[0]).toBe('attacks.0.options.epsilon');
    expect(problems({ attacks: [{ name: 'PGD_DLR', options: { stepSize: 'long' } }] })[0]?.[0]).toBe('attacks.0.options.stepSize');
    expect(problems({ attacks: [{ name: 'PGD_DLR', epsilon: 2 }] })[0]?.[0]).toBe('attacks.0.epsilon');
    expect(problems({ attacks: [{ name: 'PGD', steps: 5000 }] })[0]?.[0]).toBe('attacks.0.steps');
    expect(problems({ suites: ['STANDARD'], autoAttack: true })[0]?.[0]).toBe('autoAttack');
    expect(problems({ suites: ['STANDARD'], attacks: [{ name: 'SQUARE' }] })[0]?.[0]).toBe('attacks');
    expect(problems({ attacks: [{ name: 'SQUARE' }, { name: 'SQUARE', queries: 5000 }] })).toEqual([
      ['attacks.1', 'SQUARE with these settings is measured already.'],
    ]);
    expect(problems({ attacks: [{ name: 'AUTO_ATTACK' }], autoAttack: true })[0]?.[0]).toBe('autoAttack');
    expect(problems({ attacks: [{ name: 'PGD' }] })[0]?.[0]).toBe('attacks.0');
    expect(problems({ attack: { randomStart: false, restarts: 3 } })[0]?.[0]).toBe('attack.restarts');
    expect(problems({ attack: { randomStart: false }, attacks: [{ name: 'PGD_KL' }] })[0]?.[0]).toBe('attacks.0');
    expect(problems({ attacks: attackNames.filter((name) => name !== 'PGD').map((name) => ({ name })) })).toEqual([]);
  });

  it('are measured one by one, each under a name of its own', () => {
    const attacks = [{ name: 'SQUARE' }, { name: 'PGD', steps: 50 }, { name: 'SQUARE', epsilon: 4 / 255 }, { name: 'PGD_L2' }];
    const plan = planMeasurements(measureConfig.parse({ attacks, autoAttack: true, rule: 'LAST_STEP' }));
    expect(plan.map(({ label }) => label)).toEqual([
      ...[undefined, undefined, 'SQUARE', 'PGD.steps:50', 'SQUARE.eps:4/255', 'PGD_L2', 'AUTO_ATTACK'],
    ]);
    expect(plan.map(({ measurement }) => measurement.rule)).toEqual([
      ...[undefined, 'LAST_STEP', 'ANY_STEP', 'LAST_STEP', 'ANY_STEP', 'LAST_STEP', 'ANY_STEP'],
    ]);
  });
});
