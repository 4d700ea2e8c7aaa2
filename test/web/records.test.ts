/** A run's records arrive one by one, twice, and out of order; the page shows each once. */
import { describe, expect, it } from 'vitest';
import { noRecords, type Records, reduceRecords } from '../../web/lib/records.ts';
import { chartsOf, continued, ending, isCurve, kindOf, nameInChart, type Series } from '../../web/lib/series.ts';
import type { LogLine, Score, SweepPoint, Update } from '../../web/queries/run.ts';

const score = (module: string, value: number): Score => ({
  module,
  complete: true,
  score: value,
  rank: 1,
  robustLoss: 1,
  perturbedLoss: 1 + value,
  epsilon: 0.1,
  norm: 'L2',
  losses: [],
});
const point = (alpha: number, standard = 0.5): SweepPoint => ({
  ...{ alpha, standard, robust: 0.4, ood: null, images: 10, split: 'holdout' },
  ...{ trust: 'UNCHECKED', findings: [] },
});
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
    const sweep = { id: 'InterpolationSweep-1', modules: [], base: null, tuned: null, merged: [], points: [point(0), point(0.1)] };
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
  const read = [{ key: 'train.loss', points: [1, 2].map((step) => ({ step, mean: 1 / step, min: 0, max: 1 })), specials: [] }];

  it('go on with live points beyond what was read', () => {
    const live = {
      'train.loss': {
        points: [
          { step: 2, value: 9 },
          { step: 3, value: 0.25 },
        ],
        specials: [],
      },
      'holdout.robust': { points: [{ step: 3, value: 0.4 }], specials: [] },
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

  it('end in NaN where their last values are, also live', () => {
    const span = (special: string, fromStep: number, toStep = fromStep) => ({ special, fromStep, toStep });
    const live = { 'train.loss': { points: [], specials: [span('NaN', 2), span('NaN', 3), span('NaN', 4)] } };
    const [series] = continued(read, live) as [Series];
    expect(series.specials).toEqual([span('NaN', 3, 4)]);
    expect(ending(series)).toEqual({ special: 'NaN', since: 3 });
    const back = continued(read, { 'train.loss': { points: [{ step: 5, value: 1 }], specials: [span('NaN', 3), span('NaN', 6)] } });
    expect(back[0]?.specials).toEqual([span('NaN', 3), span('NaN', 6)]);
    expect(ending({ ...series, specials: [] })).toBeNull();
    expect(ending({ key: 'x', points: [], specials: [span('Infinity', 0, 9)] })).toEqual({ special: 'Infinity', since: 0 });
  });

  it('are shares by key and value alike', () => {
    const of = (key: string, ...values: number[]): Series => ({
      key,
      points: values.map((mean, step) => ({ step, mean, min: mean, max: mean })),
      specials: [],
    });
    expect(
      [of('train.accuracy', 0.2, 0.9), of('train.accuracy', 60, 89), of('val/acc', 1), of('loss', 0.5), of('x', 0.1)].map(kindOf),
    ).toEqual(['accuracy', 'other', 'accuracy', 'loss', 'other']);
    const charts = chartsOf([of('a.accuracy', 0.5), of('b.accuracy', 62, 70)]);
    expect(charts.map(({ kind, series }) => [kind, series.length])).toEqual([
      ['accuracy', 1],
      ['other', 1],
    ]);
    expect(['epoch', 'standard', 'base.robust', 'train.loss'].map((key) => isCurve(key, false))).toEqual([false, false, false, true]);
    expect(isCurve('standard', true)).toBe(true);
    const measured = ['ood', 'base.ood.elastic_transform.3', 'ood.fog.1', 'robust.SQUARE', 'base.robust.PGD_DLR'];
    expect(measured.filter((key) => isCurve(key, false))).toEqual([]);
    const logged = ['holdout.robust', 'holdout.standard', 'fineTune.train.epoch.loss', 'learningRate'];
    expect(logged.filter((key) => isCurve(key, false))).toEqual(logged);
  });

  it('share a chart by stage and unit, those of a single value too', () => {
    const two = [1, 2].map((step) => ({ step, mean: 0.5, min: 0.5, max: 0.5 }));
    const keys = ['train.accuracy', 'fineTune.train.loss', 'train.loss', 'learningRate'];
    const one = { key: 'holdout.robust', points: two.slice(1), specials: [] };
    const charts = chartsOf([...keys.map((key) => ({ key, points: two, specials: [] })), one]);
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
