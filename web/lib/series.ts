/** Time series: what the server kept, downsampled, continued by the points that came since; and how they form charts. */

export interface SeriesPoint {
  step: number;
  mean: number;
  min: number;
  max: number;
}

export interface Series {
  key: string;
  points: SeriesPoint[];
}

export interface LivePoint {
  step: number;
  value: number;
}

/** Each series with the live points beyond its last step. A key that only live points have becomes a series too. */
export function continued(read: readonly Series[], live: Readonly<Record<string, readonly LivePoint[]>>): Series[] {
  const keys = [...new Set([...read.map(({ key }) => key), ...Object.keys(live)])];
  return keys.map((key) => {
    const points = [...(read.find((series) => series.key === key)?.points ?? [])];
    for (const { step, value } of live[key] ?? []) {
      if (step > (points.at(-1)?.step ?? Number.NEGATIVE_INFINITY)) points.push({ step, mean: value, min: value, max: value });
    }
    return { key, points };
  });
}

export type ChartKind = 'loss' | 'accuracy' | 'other';

export interface Chart {
  /** Training or Fine-tune. */
  stage: string;
  title: string;
  kind: ChartKind;
  series: Series[];
}

const fractions = new Set(['accuracy', 'standard', 'robust', 'ood']);
const lastPart = (key: string) => key.slice(key.lastIndexOf('.') + 1);

export function kindOf(key: string): ChartKind {
  const last = lastPart(key);
  if (fractions.has(last)) return 'accuracy';
  return last.toLowerCase().endsWith('loss') ? 'loss' : 'other';
}

export const stages = ['Training', 'Fine-tune'];

/** The stage that a key belongs to: fine-tuning's keys begin with its name. */
const stageOf = (key: string) => (key.startsWith('fineTune.') ? 'Fine-tune' : 'Training');

const titles: Record<ChartKind, string> = { loss: 'loss', accuracy: 'accuracy', other: '' };

function titleOf(key: string): string {
  const kind = kindOf(key);
  const words = lastPart(key)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  const title = titles[kind] || words;
  return title.charAt(0).toUpperCase() + title.slice(1);
}

/** Series of one stage and unit share a chart; those with a single point, and the count of epochs, make none. */
export function chartsOf(all: readonly Series[]): Chart[] {
  const charts = new Map<string, Chart>();
  for (const series of all) {
    if (series.points.length < 2 || lastPart(series.key) === 'epoch') continue;
    const stage = stageOf(series.key);
    const title = titleOf(series.key);
    const place = `${stage} ${title}`;
    const chart = charts.get(place) ?? { stage, title, kind: kindOf(series.key), series: [] };
    chart.series.push(series);
    charts.set(place, chart);
  }
  const order: ChartKind[] = ['loss', 'accuracy', 'other'];
  return [...charts.values()].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

/** Name of a series inside its chart: "train.loss" → "Train", "fineTune.holdout.robust" → "Holdout robust". */
export function nameInChart(key: string): string {
  const parts = key.replace(/^fineTune\./, '').split('.');
  const last = parts.at(-1) ?? key;
  const shown = parts.length > 1 && (last === 'loss' || last === 'accuracy') ? parts.slice(0, -1) : parts;
  const words = shown
    .join(' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
