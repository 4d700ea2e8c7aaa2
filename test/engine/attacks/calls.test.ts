/** What an attack finds out about an image depends neither on how many steps a call takes nor on the rows beside it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAttack, passesOf } from '../../../engine/attacks/attacks.ts';
import { findSurvivors } from '../../../engine/attacks/survivors.ts';
import { type AttackStep, AttackTools } from '../../../engine/attacks/tools.ts';
import type { Backend, HostArray, HostArrays, RunOptions } from '../../../engine/backends/backend.ts';
import { chooseBackend } from '../../../engine/backends/choose.ts';
import { CpuBackend } from '../../../engine/backends/cpu.ts';
import { type ChosenAttack, chosenAttack, pgdConfig, type RobustnessRule } from '../../../engine/config.ts';
import { resnet } from '../../../engine/models/resnet.ts';
import { rowsOf } from '../../../engine/ops/arrays.ts';
import { unwatched } from '../../../engine/watch.ts';
import type { Weights } from '../../../engine/weights/weights.ts';
import { syntheticSet } from '../synthetic.ts';
import { tinyShape, tinyWeights } from '../tiny.ts';

/** Four classes, so that the targeted loss is there too. */
const network = resnet('four classes', { shape: tinyShape, classes: 4 }, [1], 4);
const set = { ...syntheticSet(24, tinyShape), classes: 4 };
const own = pgdConfig.parse({});
const pgd: ChosenAttack = { name: 'PGD', config: { ...own, epsilon: 0.05, stepSize: 0.01, steps: 20, restarts: 2 } };
const attacks: ChosenAttack[] = [
  pgd,
  chosenAttack({ name: 'APGD_CE', epsilon: 0.05, steps: 30, restarts: 2 }, own),
  chosenAttack({ name: 'APGD_T', epsilon: 0.05, steps: 30 }, own),
  chosenAttack({ name: 'FAB_T', epsilon: 0.05, steps: 20 }, own),
  chosenAttack({ name: 'SQUARE', epsilon: 0.05, queries: 120 }, own),
];

let backend: Backend;
let weights: Weights;
beforeAll(async () => {
  backend = await chooseBackend({ threads: 2 });
  weights = await tinyWeights(backend, network);
});
afterAll(() => backend.dispose());

interface Call {
  step: AttackStep;
  inputs: HostArrays;
  options: RunOptions;
  outputs: HostArrays;
}

const copied = (arrays: HostArrays): HostArrays =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, { ...array, data: array.data.slice() }]));

/** Takes so many steps a call where as many are left, and keeps the calls. */
class Recorded extends AttackTools {
  readonly calls: Call[] = [];
  constructor(private readonly steps: number) {
    super(backend, network, weights);
  }

  override stride(_step: AttackStep, left: number): number {
    return Math.min(left, this.steps);
  }

  override async run(step: AttackStep, inputs: HostArrays, options: RunOptions = {}): Promise<HostArrays> {
    const given = copied(inputs);
    const outputs = await super.run(step, inputs, options);
    this.calls.push({ step, inputs: given, options, outputs: copied(outputs) });
    return outputs;
  }
}

async function attacked(tools: AttackTools, chosen: ChosenAttack, images = set, rule: RobustnessRule = 'ANY_STEP') {
  const { correct: clean } = await tools.predictor.predictAll(images, unwatched);
  const attack = createAttack(tools, chosen, rule);
  return findSurvivors({ attack, passes: passesOf(chosen), set: images, clean, rule, seed: 3, watch: unwatched });
}

async function bySteps(chosen: ChosenAttack, rule?: RobustnessRule) {
  const results = [];
  for (const steps of [1, 7, 64]) {
    const tools = new Recorded(steps);
    results.push(await attacked(tools, chosen, set, rule));
    await tools.dispose();
  }
  return results;
}

describe.each(attacks.map((chosen) => [chosen.name, chosen] as const))('%s', (_name, chosen) => {
  it('finds the same by single steps and by many a call', async () => {
    const results = await bySteps(chosen);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
    expect(results[0]?.robust).toContain(0);
  });

  it('gives a row the same bits whatever the rows beside it, and about what plain arithmetic gives', async () => {
    const tools = new Recorded(4);
    await attacked(tools, chosen);
    const { step, inputs, options, outputs } = tools.calls.at(1) as Call;
    const rows = Object.values(inputs)[0]?.shape[0] as number;
    expect(rows).toBeGreaterThan(2);
    const cut = (begin: number, end: number) =>
      Object.fromEntries(Object.entries(inputs).map(([name, array]) => [name, rowsOf(array, begin, end)]));
    for (const [begin, end] of [
      [0, 1],
      [1, rows],
      [0, 2],
      [2, 5],
      [5, rows],
    ] as const) {
      const part = await tools.run(step, cut(begin, end), options);
      for (const [name, array] of Object.entries(outputs)) expect(part[name], name).toEqual(rowsOf(array, begin, end));
    }
    const oracle = new CpuBackend().compile('oracle', step.of(network), { parallelism: 'images', constants: weights });
    const single = await oracle.run(inputs, { ...options, times: 1 });
    const here = await tools.run(step, inputs, { ...options, times: 1 });
    for (const name of ['losses', 'fooled', 'total']) expect(distance(here[name], single[name]), name).toBeLessThan(1e-4);
    await tools.dispose();
  });
});

it('finds the same by single steps and by many a call of PGD that goes by its last step', async () => {
  const results = await bySteps(pgd, 'LAST_STEP');
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
  expect(results[0]?.finished).toBeGreaterThanOrEqual(set.count);
});

const distance = (first: HostArray | undefined, second: HostArray | undefined) =>
  Math.max(...Array.from(first?.data ?? [], (value, index) => Math.abs(value - (second?.data[index] as number))));
