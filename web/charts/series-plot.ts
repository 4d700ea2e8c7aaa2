/** Options of uPlot for the series of one chart. */
import './language.ts';
import UPlot from 'uplot';
import { count, decimal, percent, special } from '../lib/format.ts';
import { type Chart, nameInChart, type Series } from '../lib/series.ts';
import { powersOf, rangeOf, shareRange, ticksOf, tickText } from './scale.ts';

/** Number of columns of a series: means, minima, maxima. */
const columns = 3;

/** A series with fewer points shows each of them. */
const fewPoints = 40;

/** Columns of one series. Null, which uPlot leaves a gap for, at steps without a finite value. */
function columnsOf({ points, specials }: Series): UPlot.AlignedData {
  const known = new Map(points.map((point) => [point.step, point]));
  const ends = specials.flatMap(({ fromStep, toStep }) => [fromStep, toStep]);
  const steps = [...new Set([...known.keys(), ...ends])].sort((a, b) => a - b);
  const column = (of: 'mean' | 'min' | 'max') => steps.map((step) => known.get(step)?.[of] ?? null);
  return [steps, column('mean'), column('min'), column('max')];
}

/** Steps, then for every series its means, minima and maxima. */
export function dataOf({ series }: Chart): UPlot.AlignedData {
  return UPlot.join(series.map(columnsOf));
}

const cycle = ['standard', 'robust', 'chosen', 'ood', 'base'];

function toneOf(name: string, index: number): string {
  const words = name.toLowerCase();
  if (words.includes('robust')) return 'robust';
  if (words.includes('standard')) return 'standard';
  return words.startsWith('train') ? 'base' : (cycle[index % cycle.length] ?? 'base');
}

/** What a series is at a step, or was last before it. */
function valueAt(plot: UPlot, column: number, index: number, series: Series | undefined, show: (value: number) => string): string {
  const values = plot.data[column] ?? [];
  const spanAt = (at: number) => {
    const step = plot.data[0][at] ?? 0;
    return series?.specials.find(({ fromStep, toStep }) => fromStep <= step && step <= toStep);
  };
  for (let at = index; at >= 0; at--) {
    const value = values[at];
    if (typeof value === 'number') return show(value);
    const span = spanAt(at);
    if (span) return special(span.special);
  }
  return '–';
}

export interface Look {
  /** Of a figure's variable: --figure-NAME. */
  color(name: string): string;
  width: number;
  height: number;
  /** Powers of ten on the vertical axis. */
  log: boolean;
  /** CSS class of what is drawn without a place in the legend. */
  hidden: string | undefined;
}

/** latest: the chart as it is when something is drawn. */
export function optionsOf(latest: () => Chart, { color, width, height, log, hidden }: Look): UPlot.Options {
  const { kind, series } = latest();
  const names = series.map(({ key }) => nameInChart(key));
  const share = kind === 'accuracy';
  const show = share ? (value: number) => percent(value) : decimal;
  const axis: UPlot.Axis = {
    stroke: color('text'),
    // Whole pixels: uPlot multiplies the digits in front of "px" by the screen's density.
    font: "12px 'Inter Variable', sans-serif",
    grid: { stroke: color('grid'), width: 1 },
    ticks: { show: false },
  };
  // uPlot hides an axis for which it knows no increment, and below 5 it knows only its own.
  const ownTicks: UPlot.Axis = { space: 1, incrs: (_plot, _axis, low, high) => [Math.max(5, ticksOf(low, high).step)] };
  const tones = names.map((name, index) => color(toneOf(names.length === 1 ? '' : name, index)));
  const silent: UPlot.Series = { show: true, stroke: 'transparent', points: { show: false }, class: hidden };
  const lines = names.flatMap((label, index): UPlot.Series[] => {
    const column = columns * index + 1;
    const stroke = tones[index] ?? color('base');
    return [
      {
        label,
        stroke,
        width: 1.8,
        value: (plot, _value, _series, at) => (at === null ? '–' : valueAt(plot, column, at, latest().series[index], show)),
        points: { size: 6, fill: stroke, show: (plot) => (plot.data[column] ?? []).filter((value) => value != null).length <= fewPoints },
      },
      silent,
      silent,
    ];
  });
  const around = (step: number): [number, number] => [step - 1, step + 1];
  const stepTicks = (low: number, high: number) => ticksOf(low, high, width < 420 ? 3 : 5).ticks.filter(Number.isInteger);
  return {
    width,
    height,
    cursor: { sync: { key: 'steps' }, points: { size: 7 } },
    scales: {
      x: {
        time: false,
        range: (plot, low, high) => (plot.data[0].length === 1 || low === high ? around(plot.data[0][0] ?? 0) : [low, high]),
      },
      y: log ? { distr: 3, log: 10 } : { range: (_plot, low, high) => (share ? shareRange(low, high) : rangeOf(low, high)) },
    },
    axes: [
      {
        ...axis,
        ...ownTicks,
        size: 32,
        splits: (_plot, _axis, low, high) => stepTicks(low, high),
        values: (_plot, ticks) => ticks.map(count),
      },
      {
        ...axis,
        ...ownTicks,
        size: (_plot, values) => Math.max(34, ...(values ?? []).map((text) => text.length * 6.8 + 14)),
        splits: (_plot, _axis, low, high) => (log ? powersOf(low, high) : ticksOf(low, high).ticks),
        ...(log ? { filter: (_plot: UPlot, ticks: number[]) => ticks } : {}),
        values: (plot, ticks) => {
          if (share) return ticks.map((tick) => `${Number((tick * 100).toFixed(2))}%`);
          const { min = 0, max = 1 } = plot.scales.y ?? {};
          return ticks.map((tick) => (log ? decimal(tick) : tickText(tick, ticksOf(min ?? 0, max ?? 1).step)));
        },
      },
    ],
    series: [{ label: 'Step', value: (_plot, step) => (step === null ? '–' : count(step)) }, ...lines],
    bands: tones.map((tone, index) => ({
      series: [columns * index + 3, columns * index + 2],
      fill: `color-mix(in srgb, ${tone} 16%, transparent)`,
    })),
    legend: { live: true, markers: { width: 0, fill: (_plot, index) => tones[Math.floor((index - 1) / columns)] ?? 'transparent' } },
    hooks: {
      drawClear: [(plot) => markSpecials(plot, latest().series, color('wrong'))],
      ready: [showLast],
      setData: [showLast],
      setCursor: [showLast],
    },
  };
}

/** Shades the steps at which a series is no number, with what it is. */
function markSpecials(plot: UPlot, series: readonly Series[], tone: string) {
  const { ctx, bbox } = plot;
  const density = UPlot.pxRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.font = `${Math.round(11 * density)}px 'Inter Variable', sans-serif`;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  for (const { specials } of series) {
    for (const span of specials) {
      const from = plot.valToPos(span.fromStep, 'x', true);
      const to = Math.max(plot.valToPos(span.toStep, 'x', true), from + 2 * density);
      ctx.fillStyle = tone;
      ctx.globalAlpha = 0.12;
      ctx.fillRect(from, bbox.top, to - from, bbox.height);
      ctx.globalAlpha = 1;
      ctx.fillRect(from, bbox.top, density, bbox.height);
      const label = special(span.special);
      const room = ctx.measureText(label).width;
      const atRight = from + 4 * density + room > bbox.left + bbox.width;
      ctx.fillText(label, atRight ? from - 4 * density - room : from + 4 * density, bbox.top + 4 * density);
    }
  }
  ctx.restore();
}

/** Draws new data; a reader who has zoomed in stays where they are. */
export function renew(plot: UPlot, data: UPlot.AlignedData) {
  const { min, max } = plot.scales.x ?? {};
  const [steps] = plot.data;
  const zoomed = min != null && max != null && (min > (steps[0] ?? min) || max < (steps.at(-1) ?? max));
  plot.setData(data, !zoomed);
  if (zoomed) plot.redraw();
}

/** Without a cursor the legend says where the series stand now. */
function showLast(plot: UPlot) {
  if (plot.cursor.idx == null) plot.setLegend({ idx: plot.data[0].length - 1 }, false);
}
