/** The charts of docs/performance.md. */
import { type Bar, drawBars, drawChart, type Series } from './chart.ts';
import { tolerance } from './growth.ts';
import { tightestFirst } from './model.ts';
import type { ScaleResult } from './scale.ts';
import { figure } from './tables.ts';

const factor = (value: number) => `${figure(value)}×`;

function relative(axes: ScaleResult['axes'], of: (axis: ScaleResult['axes'][number]) => number[]): Series[] {
  return axes.map((axis) => ({
    name: axis.name,
    points: of(axis).map((value, index) => [(axis.units[index] as number) / (axis.units[0] as number), value] as const),
  }));
}

const sizes = { label: 'size, as a multiple of the smallest', ticks: [1, 2, 4, 8, 16, 32, 64], logarithmic: true, format: factor };
const perUnit = [0.1, 0.2, 0.5, 1, 2];

/** File names and what they hold. */
export function drawFigures({ axes, prediction }: ScaleResult): Record<string, string> {
  const band = { from: perUnit[0] as number, to: tolerance, label: 'linear within 10 %, or better' };
  const bars: Bar[] = tightestFirst(prediction.limits).map(({ name, most, wanted, unit, source }) => ({
    name,
    value: most / wanted,
    note: `${figure(most)} of ${figure(wanted)} ${unit}${source === 'measured' ? '' : ' (modelled)'}`,
  }));
  return {
    'scale-time.svg': drawChart({
      title: 'Time of a unit as there are more of them',
      x: sizes,
      y: { label: 'time of a unit, smallest size = 1', ticks: perUnit, logarithmic: true },
      series: relative(axes, ({ time }) => time.perUnit),
      band,
    }),
    'scale-memory.svg': drawChart({
      title: 'Memory of a unit as there are more of them',
      x: sizes,
      y: { label: 'peak memory of a unit, smallest size = 1', ticks: [0.02, 0.05, ...perUnit], logarithmic: true },
      series: relative(axes, ({ memory }) => memory.perUnit),
      band: { ...band, from: 0.02 },
    }),
    'scale-workers.svg': drawChart({
      title: 'Speed with more devices (modelled)',
      x: { label: 'devices', ticks: [1, 2, 4, 8, 16, 32, 64], logarithmic: true },
      y: { label: 'speed, one device = 1', ticks: [0.5, 1, 2, 4, 8, 16, 32, 64], logarithmic: true },
      series: prediction.fleets,
    }),
    'scale-limits.svg': drawBars({
      title: 'How much of a hundred times today’s size fits',
      x: { label: 'what fits, as a multiple of what is asked for', ticks: [0.01, 0.1, 1, 10, 100], logarithmic: true, format: factor },
      bars,
      line: { at: 1, label: '100 times today’s size' },
    }),
  };
}
