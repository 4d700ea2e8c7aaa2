/** Time series of a run. */
import type { MetricPointRecord, MetricSummaryRecord, SeriesPointRecord, SeriesRecord } from '../services/records.ts';
import { builder } from './builder.ts';

export const MetricSummary = builder.objectRef<MetricSummaryRecord>('MetricSummary').implement({
  description: 'What filters, orders and tables know of a series.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Name of the series.' }),
    last: t.exposeFloat('last', { description: 'Value at the last step.' }),
    lastStep: t.expose('lastStep', { type: 'Long', description: 'The last step.' }),
    min: t.exposeFloat('min', { description: 'Smallest value.' }),
    max: t.exposeFloat('max', { description: 'Largest value.' }),
    count: t.expose('count', { type: 'Long', description: 'Number of points.' }),
  }),
});

const SeriesPoint = builder.objectRef<SeriesPointRecord>('SeriesPoint').implement({
  description: 'One point of a series, or a bucket of neighbouring points.',
  fields: (t) => ({
    step: t.expose('step', { type: 'Long', description: 'First step of the bucket: an optimiser step or an epoch, as the key says.' }),
    mean: t.exposeFloat('mean', { description: 'Mean of the values.' }),
    min: t.exposeFloat('min', { description: 'Smallest of the values.' }),
    max: t.exposeFloat('max', { description: 'Largest of the values.' }),
    at: t.expose('at', { type: 'DateTime', nullable: true, description: 'When the last of them was logged.' }),
  }),
});

export const MetricSeries = builder.objectRef<SeriesRecord>('MetricSeries').implement({
  description: 'A series, short enough to draw.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Name of the series.' }),
    points: t.expose('points', { type: [SeriesPoint], description: 'In order of step.' }),
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
