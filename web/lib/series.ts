/** Time series: what the server kept, downsampled, continued by the points that came since; and how they form charts. */
import { isShare } from './metric.ts';

export interface SeriesPoint {
  step: number;
  mean: number;
  min: number;
  max: number;
}

/** Consecutive points that are no finite numbers. */
export interface SpecialSpan {
  special: string;
  fromStep: number;
  toStep: number;
}

export interface Series {
  key: string;
  points: SeriesPoint[];
  specials: SpecialSpan[];
}

export interface LivePoint {
  step: number;
  value: number;
}

export interface LiveSeries {
  points: readonly LivePoint[];
  specials: readonly SpecialSpan[];
}

const nowhere = Number.NEGATIVE_INFINITY;

/** The last step of a series, finite there or not. */
export const lastStep = ({ points, specials }: Pick<Series, 'points' | 'specials'>): number =>
  Math.max(points.at(-1)?.step ?? nowhere, specials.at(-1)?.toStep ?? nowhere);

/** Each series with what came live beyond its last step. A key that came only live becomes a series too. */
export function continued(read: readonly Series[], live: Readonly<Record<string, LiveSeries>>): Series[] {
  const keys = [...new Set([...read.map(({ key }) => key), ...Object.keys(live)])];
  return keys.map((key) => {
    const known = read.find((series) => series.key === key) ?? { key, points: [], specials: [] };
    const from = lastStep(known);
    const points = [...known.points];
    for (const { step, value } of live[key]?.points ?? []) {
      if (step > Math.max(from, points.at(-1)?.step ?? nowhere)) points.push({ step, mean: value, min: value, max: value });
    }
    return {
      key,
      points,
      specials: joined([...known.specials, ...(live[key]?.specials ?? []).filter(({ fromStep }) => fromStep > from)], points),
    };
  });
}

/** Spans of one kind that no finite point lies between are one. */
function joined(spans: readonly SpecialSpan[], points: readonly SeriesPoint[]): SpecialSpan[] {
  const all: SpecialSpan[] = [];
  for (const span of spans) {
    const before = all.at(-1);
    const apart = before && points.some(({ step }) => step > before.toStep && step < span.fromStep);
    if (before && before.special === span.special && !apart) all[all.length - 1] = { ...before, toStep: span.toStep };
    else all.push({ ...span });
  }
  return all;
}

/** How a series ends that does not end in a number: what its last value is, and since which step none is finite. */
export function ending({ points, specials }: Series): { special: string; since: number } | null {
  const finite = points.at(-1)?.step ?? nowhere;
  const after = specials.filter(({ toStep }) => toStep > finite);
  const [first] = after;
  return first ? { special: after.at(-1)?.special ?? first.special, since: Math.max(first.fromStep, finite) } : null;
}

/** loss and other: plain numbers. accuracy: shares, shown in percent. */
export type ChartKind = 'loss' | 'accuracy' | 'other';

export interface Chart {
  /** Training or Fine-tune. */
  stage: string;
  title: string;
  kind: ChartKind;
  series: Series[];
}

const lastPart = (key: string) => key.slice(Math.max(key.lastIndexOf('.'), key.lastIndexOf('/')) + 1);

/** The extent of the finite values; NaN without any. */
export function extentOf(series: readonly Series[]): { low: number; high: number } {
  let [low, high] = [Number.NaN, Number.NaN];
  for (const { points } of series)
    for (const { min, max } of points) {
      if (!(min >= low)) low = min;
      if (!(max <= high)) high = max;
    }
  return { low, high };
}

export function kindOf(series: Series): ChartKind {
  const { low, high } = extentOf([series]);
  if (isShare(series.key, Number.isNaN(low) ? 0 : low, Number.isNaN(high) ? 1 : high)) return 'accuracy';
  return lastPart(series.key).toLowerCase().endsWith('loss') ? 'loss' : 'other';
}

export const stages = ['Training', 'Fine-tune'];

/** The stage that a key belongs to: fine-tuning's keys begin with its name. */
const stageOf = (key: string) => (key.startsWith('fineTune.') ? 'Fine-tune' : 'Training');

function titleOf(series: Series): string {
  const kind = kindOf(series);
  const words = lastPart(series.key)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  const title = kind === 'other' ? words : kind;
  return title.charAt(0).toUpperCase() + title.slice(1);
}

/** What a finished run of the engine is listed by, with those of each attack and corruption; its own figures show these. */
const keyResults = /^(alpha|(base\.)?(standard|robust|ood)(\..+)?)$/;

/** Whether a key has a curve: neither the count of epochs nor, of the engine's runs, what other figures show. */
export const isCurve = (key: string, external: boolean): boolean => lastPart(key) !== 'epoch' && (external || !keyResults.test(key));

/** Series of one stage and unit share a chart. */
export function chartsOf(all: readonly Series[]): Chart[] {
  const charts = new Map<string, Chart>();
  for (const series of all) {
    if (series.points.length + series.specials.length === 0) continue;
    const stage = stageOf(series.key);
    const title = titleOf(series);
    const kind = kindOf(series);
    const place = `${stage} ${title} ${kind}`;
    const chart = charts.get(place) ?? { stage, title, kind, series: [] };
    chart.series.push(series);
    charts.set(place, chart);
  }
  const order: ChartKind[] = ['loss', 'accuracy', 'other'];
  return [...charts.values()].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

/** Name of a series inside its chart: "train.loss" → "Train", "fineTune.holdout.robust" → "Holdout robust". */
export function nameInChart(key: string): string {
  const parts = key.replace(/^fineTune\./, '').split(/[./]/);
  const last = parts.at(-1) ?? key;
  const shown = parts.length > 1 && (last === 'loss' || last === 'accuracy') ? parts.slice(0, -1) : parts;
  const words = shown
    .join(' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
