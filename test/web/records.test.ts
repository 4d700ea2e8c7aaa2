/** A run's records arrive one by one, twice, and out of order; the page shows each once. */
import { describe, expect, it } from 'vitest';
import { noRecords, type Records, reduceRecords } from '../../web/lib/records.ts';
import { chartsOf, continued, nameInChart } from '../../web/lib/series.ts';
import type { LogLine, Score, SweepPoint, Update } from '../../web/queries/run.ts';

const score = (module: string, value: number): Score => ({
  module,
  score: value,
  rank: 1,
  robustLoss: 1,
  perturbedLoss: 1 + value,
  epsilon: 0.1,
  losses: [],
});
const point = (alpha: number, standard = 0.5): SweepPoint => ({ alpha, standard, robust: 0.4, ood: null, images: 10, split: 'holdout' });
const line = (seq: number): LogLine => ({ seq, at: '2026-11-23T12:00:00Z', level: 'info', text: `line ${seq}` });

const scored = (records: Records, one: Score) =>
  reduceRecords(records, { type: 'update', update: { __typename: 'MrcScored', score: one } });

describe('records', () => {
  it('rank scores by value as they come', () => {
    const records = [score('conv1', 3), score('linear', 1), score('conv2', 2), score('conv1', 0.5)].reduce(scored, noRecords);
    expect(records.scores.map(({ module, rank, score: value }) => [module, rank, value])).toEqual([
      ['conv1', 1, 0.5],
      ['linear', 2, 1],
      ['conv2', 3, 2],
    ]);
  });

  it('keep what came live when a reading that began earlier arrives', () => {
    const live = reduceRecords(noRecords, { type: 'update', update: { __typename: 'SweepPointScored', point: point(0.5) } });
    const sweep = { id: 'InterpolationSweep-1', modules: [], base: null, tuned: null, points: [point(0), point(0.1)] };
    const read = reduceRecords(live, { type: 'read', read: { mrcScores: [], sweep, evaluations: [] } });
    expect(read.points.map(({ alpha }) => alpha)).toEqual([0, 0.1, 0.5]);
  });

  it('hold every log line once, in order', () => {
    const batches = [[line(3), line(4)], [line(1), line(2), line(3)], [line(5)], [line(5)]];
    const records = batches.reduce((all, lines) => reduceRecords(all, { type: 'lines', lines }), noRecords);
    expect(records.lines.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  });

  it('change nothing for a change of the run itself', () => {
    const before = scored(noRecords, score('conv1', 1));
    const update = { __typename: 'RunChanged' } as Update;
    expect(reduceRecords(before, { type: 'update', update })).toBe(before);
  });
});

describe('series', () => {
  const read = [{ key: 'train.loss', points: [1, 2].map((step) => ({ step, mean: 1 / step, min: 0, max: 1 })) }];

  it('go on with live points beyond what was read', () => {
    const live = {
      'train.loss': [
        { step: 2, value: 9 },
        { step: 3, value: 0.25 },
      ],
      'holdout.robust': [{ step: 3, value: 0.4 }],
    };
    const all = continued(read, live);
    expect(all.map(({ key, points }) => [key, points.map(({ step, mean }) => [step, mean])])).toEqual([
      [
        'train.loss',
        [
          [1, 1],
          [2, 0.5],
          [3, 0.25],
        ],
      ],
      ['holdout.robust', [[3, 0.4]]],
    ]);
    expect(read[0]?.points).toHaveLength(2);
  });

  it('share a chart by stage and unit; a single value makes none', () => {
    const two = [1, 2].map((step) => ({ step, mean: 0.5, min: 0.5, max: 0.5 }));
    const keys = ['train.accuracy', 'holdout.robust', 'fineTune.train.loss', 'train.loss', 'epoch', 'learningRate'];
    const charts = chartsOf([...keys.map((key) => ({ key, points: two })), { key: 'standard', points: two.slice(1) }]);
    expect(charts.map(({ stage, title, series }) => [stage, title, series.map(({ key }) => key)])).toEqual([
      ['Fine-tune', 'Loss', ['fineTune.train.loss']],
      ['Training', 'Loss', ['train.loss']],
      ['Training', 'Accuracy', ['train.accuracy', 'holdout.robust']],
      ['Training', 'Learning rate', ['learningRate']],
    ]);
    expect(['train.loss', 'fineTune.holdout.standard', 'learningRate'].map(nameInChart)).toEqual([
      'Train',
      'Holdout standard',
      'Learning rate',
    ]);
  });
});
