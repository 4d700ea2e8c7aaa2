/** An evaluation that is cut by images: what is joined is what one piece gives, bit for bit. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../../engine/backends/backend.ts';
import { measureConfig } from '../../../engine/config.ts';
import { joinTaken } from '../../../engine/evaluation/taken.ts';
import type { EvaluationResult } from '../../../engine/recorder.ts';
import { runEvaluation, takeEvaluation } from '../../../engine/stages/evaluation.ts';
import type { EvaluationRequest } from '../../../engine/stages.ts';
import { initialWeights } from '../../../engine/weights/initial.ts';
import { oneThread } from '../one-thread.ts';
import { patternModel, patternNetwork } from '../patterns.ts';
import { contextOf, Recording } from '../recording.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await oneThread();
});
afterAll(() => backend.dispose());

const measure = measureConfig.parse({
  images: 17,
  attack: { epsilon: 0.02, stepSize: 0.01, steps: 2 },
  attacks: [
    { name: 'SQUARE', queries: 12 },
    { name: 'APGD_CE', steps: 4 },
  ],
});
const weights = initialWeights(patternNetwork, 3);
const request: EvaluationRequest = {
  model: patternModel(weights),
  measure,
  protocol: 'HOLD_OUT',
};

describe('slices of an evaluation', () => {
  let inOnePiece: { recording: Recording; results: EvaluationResult[] };
  beforeAll(async () => {
    const recording = new Recording();
    inOnePiece = { recording, results: await runEvaluation(contextOf(backend, recording), request) };
  });

  it.each([2, 5, 20])('%i of them give the results of one piece, to the last finding', async (of) => {
    const { recording: whole, results } = inOnePiece;
    expect(results.map(({ attack }) => attack?.name)).toEqual([undefined, 'PGD', 'SQUARE', 'APGD_CE']);
    const taken = [];
    for (let index = 0; index < of; index++) {
      const recording = new Recording();
      taken.push(await takeEvaluation(contextOf(backend, recording), { ...request, slice: { index, of } }));
      expect(recording.evaluations).toEqual([]);
    }
    const joined = new Recording();
    expect(await runEvaluation(contextOf(backend, joined), { ...request, taken: JSON.parse(JSON.stringify(taken)) })).toEqual(results);
    expect(joined.evaluations).toEqual(whole.evaluations);
    const { done, total } = joined.progressed.at(-1) ?? {};
    expect(done).toBe(total);
  });

  it('of different measurements are not joined', () => {
    expect(() => joinTaken([{ a: { outcomes: '1' } }, { b: { outcomes: '1' } }])).toThrow('different measurements');
  });
});

describe('points that were made for the base network', () => {
  it('do not fool more than the attack on the network itself, where that is any good', async () => {
    const [standard, robust] = await runEvaluation(contextOf(backend, new Recording()), { ...request, base: weights });
    expect(robust?.correct).toBeLessThanOrEqual(standard?.correct as number);
    expect(robust).toMatchObject({ trust: 'CHECKED', findings: [] });
  });
});
