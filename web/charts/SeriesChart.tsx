'use client';
import './language.ts';
import 'uplot/dist/uPlot.min.css';
import { Button, Group, Text, useComputedColorScheme } from '@mantine/core';
import { useDisclosure, useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import { count, decimal, percent, special } from '../lib/format.ts';
import { type Chart, ending, extentOf, nameInChart, type Series } from '../lib/series.ts';
import { Figure } from './Figure.tsx';
import classes from './SeriesChart.module.css';
import { suitsLog } from './scale.ts';
import { dataOf, optionsOf, renew } from './series-plot.ts';

const height = 200;

/** Long series over optimiser steps: the mean of each bucket as a line, its extent as a band. Drag to zoom, double click to reset. */
export function SeriesChart({ chart }: { chart: Chart }) {
  const { ref, width } = useElementSize();
  const holder = useRef<HTMLDivElement>(null);
  const drawn = useRef<UPlot | null>(null);
  const scheme = useComputedColorScheme('light');
  const [wantsLog, { toggle }] = useDisclosure(false);
  const names = chart.series.map(({ key }) => nameInChart(key)).join('\n');
  const { kind } = chart;
  const canLog = kind !== 'accuracy' && suitsLog(extentOf(chart.series));
  const log = canLog && wantsLog;
  const data = dataOf(chart);
  const latest = useRef({ chart, data });
  latest.current = { chart, data };

  // biome-ignore lint/correctness/useExhaustiveDependencies: another colour scheme means other colours, other names or another unit another chart
  useEffect(() => {
    const element = holder.current;
    if (!element || width < 60) return;
    const styles = getComputedStyle(element);
    const color = (name: string) => styles.getPropertyValue(`--figure-${name}`).trim();
    const options = optionsOf(() => latest.current.chart, { color, width, height, log, hidden: classes.hidden });
    const made = new UPlot(options, latest.current.data, element);
    drawn.current = made;
    void document.fonts.ready.then(() => drawn.current === made && made.redraw());
    return () => {
      drawn.current = null;
      made.destroy();
    };
  }, [width, kind, names, scheme, log]);
  useEffect(() => {
    if (drawn.current) renew(drawn.current, data);
  }, [data]);

  const format = kind === 'accuracy' ? (value: number) => percent(value) : decimal;
  const label = chart.series.map((series) => described(series, format)).join('; ');
  return (
    <>
      <Group justify="space-between" gap="xs" mb={4} mih={22}>
        <Text size="sm" c="dimmed" fw={520}>
          {chart.title}
        </Text>
        {canLog && (
          <Button variant="subtle" color="gray" size="compact-xs" className={classes.log} onClick={toggle} aria-pressed={wantsLog}>
            {wantsLog ? 'Linear scale' : 'Log scale'}
          </Button>
        )}
      </Group>
      {chart.series.map((series) => (
        <Ending key={series.key} series={series} />
      ))}
      <Figure label={`${chart.stage}, ${chart.title.toLowerCase()}. ${label}.`} table={tableOf(chart, format)}>
        <div ref={ref} className={classes.chart} style={{ minHeight: height + 30 }}>
          <div ref={holder} />
        </div>
      </Figure>
    </>
  );
}

/** Says of a series that does not end in a number since when it has none. */
function Ending({ series }: { series: Series }) {
  const end = ending(series);
  if (!end) return null;
  return (
    <Text size="xs" c="var(--mantine-color-error)" fw={550} mb={2}>
      {nameInChart(series.key)}: {special(end.special)} since step {count(end.since)}
    </Text>
  );
}

function described(series: Series, format: (value: number) => string): string {
  const { key, points } = series;
  const [first, last] = [points[0], points.at(-1)];
  const end = ending(series);
  const since = end ? `${special(end.special)} since step ${count(end.since)}` : '';
  if (!first || !last) return `${nameInChart(key)} ${since}`;
  const to =
    points.length === 1
      ? `${format(last.mean)} at step ${count(last.step)}`
      : `from ${format(first.mean)} to ${format(last.mean)} at step ${count(last.step)}`;
  return `${nameInChart(key)} ${to}${since && `, ${since}`}`;
}

const rowsShown = 24;

function tableOf({ series }: Chart, format: (value: number) => string) {
  const all = [...new Set(series.flatMap(({ points }) => points.map(({ step }) => step)))].sort((a, b) => a - b);
  const every = Math.max(1, Math.ceil(all.length / rowsShown));
  const ends = series.flatMap(({ specials }) => specials.slice(-rowsShown).map(({ fromStep }) => fromStep));
  const some = all.filter((_, index) => index % every === 0 || index === all.length - 1);
  const steps = [...new Set([...some, ...ends])].sort((a, b) => a - b);
  return {
    head: ['Step', ...series.map(({ key }) => nameInChart(key))],
    rows: steps.map((step) => ({ key: String(step), cells: [count(step), ...series.map((one) => valueAt(one, step, format))] })),
  };
}

/** What a series is at a step, or was last before it. */
function valueAt({ points, specials }: Series, step: number, format: (value: number) => string): string {
  const span = specials.findLast(({ fromStep }) => fromStep <= step);
  const point = points.findLast((other) => other.step <= step);
  if (span && (!point || point.step < span.fromStep || step <= span.toStep)) return special(span.special);
  return point ? format(point.mean) : '–';
}
