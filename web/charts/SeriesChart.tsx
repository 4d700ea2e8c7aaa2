'use client';
import './language.ts';
import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import { count, decimal, percent } from '../lib/format.ts';
import { type Chart, nameInChart } from '../lib/series.ts';
import { Figure } from './Figure.tsx';
import classes from './SeriesChart.module.css';

const height = 200;

/** Long series over optimiser steps: the mean of each bucket as a line, its extent as a band. Drag to zoom, double click to reset. */
export function SeriesChart({ chart }: { chart: Chart }) {
  const { ref, width } = useElementSize();
  const holder = useRef<HTMLDivElement>(null);
  const drawn = useRef<UPlot | null>(null);
  const scheme = useComputedColorScheme('light');
  const names = chart.series.map(({ key }) => nameInChart(key)).join('\n');
  const { kind } = chart;
  const data = dataOf(chart);
  const latest = useRef(data);
  latest.current = data;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another colour scheme means other colours
  useEffect(() => {
    const element = holder.current;
    if (!element || width < 60) return;
    const chartOptions = optionsOf(element, width, kind, names.split('\n'));
    const made = new UPlot(chartOptions, latest.current, element);
    drawn.current = made;
    return () => {
      drawn.current = null;
      made.destroy();
    };
  }, [width, kind, names, scheme]);
  useEffect(() => {
    if (drawn.current) renew(drawn.current, data);
  }, [data]);

  const format = kind === 'accuracy' ? (value: number) => percent(value) : decimal;
  const label = chart.series
    .map(
      ({ key, points }) =>
        `${nameInChart(key)} from ${format(points[0]?.mean ?? 0)} to ${format(points.at(-1)?.mean ?? 0)} at step ${count(points.at(-1)?.step ?? 0)}`,
    )
    .join('; ');
  return (
    <Figure label={`${chart.stage}, ${chart.title.toLowerCase()}. ${label}.`} table={tableOf(chart, format)}>
      <div ref={ref} className={classes.chart} style={{ minHeight: height + 30 }}>
        <div ref={holder} />
      </div>
    </Figure>
  );
}

/** Steps, then for every series its means, minima and maxima. */
function dataOf({ series }: Chart): UPlot.AlignedData {
  const tables = series.map(({ points }) => {
    const steps = points.map(({ step }) => step);
    return [steps, points.map(({ mean }) => mean), points.map(({ min }) => min), points.map(({ max }) => max)] as UPlot.AlignedData;
  });
  return UPlot.join(tables);
}

const cycle = ['standard', 'robust', 'chosen', 'ood', 'base'];

function toneOf(name: string, index: number): string {
  const words = name.toLowerCase();
  if (words.includes('robust')) return 'robust';
  if (words.includes('standard')) return 'standard';
  return words.startsWith('train') ? 'base' : (cycle[index % cycle.length] ?? 'base');
}

function optionsOf(element: HTMLElement, width: number, kind: Chart['kind'], names: string[]): UPlot.Options {
  const styles = getComputedStyle(element);
  const color = (name: string) => styles.getPropertyValue(`--figure-${name}`).trim();
  const axis: UPlot.Axis = {
    stroke: color('text'),
    font: "11.5px 'Inter Variable', sans-serif",
    grid: { stroke: color('grid'), width: 1 },
    ticks: { show: false },
  };
  const show = (value: number | null) => (value === null ? '–' : kind === 'accuracy' ? percent(value) : decimal(value));
  const hidden: UPlot.Series = { show: true, stroke: 'transparent', points: { show: false }, class: classes.hidden };
  const tones = names.map((name, index) => color(toneOf(names.length === 1 ? '' : name, index)));
  const lines = names.flatMap((name, index): UPlot.Series[] => {
    const stroke = tones[index];
    return [
      { label: name, stroke, width: 1.8, value: (_plot, value) => show(value), points: { size: 5 }, spanGaps: true },
      { ...hidden, spanGaps: true },
      { ...hidden, spanGaps: true },
    ];
  });
  return {
    width,
    height,
    cursor: { sync: { key: 'steps' }, points: { size: 7 } },
    scales: {
      x: { time: false },
      ...(kind === 'accuracy' ? { y: { range: (_plot, low, high) => [Math.max(0, low - 0.02), Math.min(1, high + 0.02)] } } : {}),
    },
    axes: [
      { ...axis, size: 32, values: (_plot, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? count(tick) : '')) },
      {
        ...axis,
        size: 56,
        values: (_plot, ticks) => ticks.map((tick) => (kind === 'accuracy' ? `${Number((tick * 100).toFixed(1))}%` : decimal(tick))),
      },
    ],
    series: [{ label: 'Step', value: (_plot, step) => (step === null ? '–' : count(step)) }, ...lines],
    bands: tones.map((tone, index) => ({
      series: [3 * index + 3, 3 * index + 2],
      fill: `color-mix(in srgb, ${tone} 16%, transparent)`,
    })),
    legend: { live: true, markers: { width: 0, fill: (_plot, index) => tones[Math.floor((index - 1) / 3)] ?? 'transparent' } },
    hooks: { ready: [showLast], setData: [showLast], setCursor: [showLast] },
  };
}

/** Draws new data; a reader who has zoomed in stays where they are. */
function renew(plot: UPlot, data: UPlot.AlignedData) {
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

const rowsShown = 24;

function tableOf({ series }: Chart, format: (value: number) => string) {
  const longest = series.reduce((best, next) => (next.points.length > best.points.length ? next : best));
  const every = Math.max(1, Math.ceil(longest.points.length / rowsShown));
  const steps = longest.points.filter((_, index) => index % every === 0 || index === longest.points.length - 1).map(({ step }) => step);
  return {
    head: ['Step', ...series.map(({ key }) => nameInChart(key))],
    rows: steps.map((step) => ({
      key: String(step),
      cells: [
        count(step),
        ...series.map(({ points }) => {
          const point = points.findLast((other) => other.step <= step);
          return point ? format(point.mean) : '–';
        }),
      ],
    })),
  };
}
