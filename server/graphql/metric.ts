/** Time series of a run. */
import type { MetricPointRecord, MetricSummaryRecord, SeriesPointRecord, SeriesRecord, SpecialSpanRecord } from '../services/records.ts';
import { builder } from './builder.ts';

export const MetricSummary = builder.objectRef<MetricSummaryRecord>('MetricSummary').implement({
  description: 'What filters, orders and tables know of a series.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Name of the series.' }),
    last: t.exposeFloat('last', {
      description: 'Value at the last step. Where special is given this is the last finite value before; 0 where there is none.',
    }),
    lastStep: t.expose('lastStep', { type: 'Long', description: 'The step of last.' }),
    special: t.exposeString('special', {
      nullable: true,
      description: 'NaN, Infinity or -Infinity where the value at the last step is that. Ask for it wherever last is shown.',
    }),
    specialSince: t.expose('specialSince', {
      type: 'Long',
      nullable: true,
      description: 'The first step after the last finite value; null where special is.',
    }),
    min: t.exposeFloat('min', { description: 'Smallest finite value.' }),
    max: t.exposeFloat('max', { description: 'Largest finite value.' }),
    count: t.expose('count', { type: 'Long', description: 'Number of points, those that are not finite too.' }),
  }),
});

export const SpecialSpan = builder.objectRef<SpecialSpanRecord>('SpecialSpan').implement({
  description: 'Consecutive points of a series that are no finite numbers.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Name of the series.' }),
    special: t.exposeString('special', { description: 'NaN, Infinity or -Infinity; NaN where several kinds were merged.' }),
    fromStep: t.expose('fromStep', { type: 'Long', description: 'First step.' }),
    toStep: t.expose('toStep', { type: 'Long', description: 'Last step.' }),
    count: t.expose('count', { type: 'Long', description: 'Points that are not finite between the two; finite ones may lie between.' }),
  }),
});

const SeriesPoint = builder.objectRef<SeriesPointRecord>('SeriesPoint').implement({
  description: 'One finite point of a series, or a bucket of neighbouring ones.',
  fields: (t) => ({
    step: t.expose('step', { type: 'Long', description: 'First step of the bucket: an optimiser step or an epoch, as the key says.' }),
    mean: t.exposeFloat('mean', { description: 'Mean of the finite values.' }),
    min: t.exposeFloat('min', { description: 'Smallest of the finite values.' }),
    max: t.exposeFloat('max', { description: 'Largest of the finite values.' }),
    at: t.expose('at', { type: 'DateTime', nullable: true, description: 'When the last of them was logged.' }),
  }),
});

export const MetricSeries = builder.objectRef<SeriesRecord>('MetricSeries').implement({
  description: 'A series, short enough to draw.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Name of the series.' }),
    points: t.expose('points', { type: [SeriesPoint], description: 'Finite values, in order of step.' }),
    specials: t.expose('specials', { type: [SpecialSpan], description: 'Where the values are not finite, in order of step.' }),
    total: t.expose('total', { type: 'Long', description: 'Points in the range before they were merged into buckets.' }),
  }),
});

export const MetricPoint = builder.objectRef<MetricPointRecord>('MetricPoint').implement({
  description: 'One logged value.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Name of the series.' }),
    step: t.expose('step', { type: 'Long', description: 'Optimiser step or epoch, as the key says.' }),
    value: t.exposeFloat('value', { description: 'The value.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was logged.' }),
  }),
});
