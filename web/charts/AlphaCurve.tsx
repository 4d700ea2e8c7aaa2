'use client';
import { areaY, axisX, axisY, dot, gridY, line, type PlotOptions, pointerX, ruleX, ruleY, text, tip } from '@observablehq/plot';
import { useCallback } from 'react';
import { points as inPoints, percent } from '../lib/format.ts';
import { wilson } from '../lib/interval.ts';
import { reference } from '../lib/sweep.ts';
import type { SweepPoint } from '../queries/run.ts';
import { Figure } from './Figure.tsx';
import { PlotCanvas, tipLook } from './PlotCanvas.tsx';

interface AlphaCurveProps {
  points: SweepPoint[];
  selected: SweepPoint | null;
  /** Robust accuracy that may be lost against alpha 0, as a fraction. */
  tolerance: number;
}

/**
 * Standard accuracy above, that on corrupted images where it was measured, robust accuracy below, over the way from the base (0) to the
 * fine-tuned weights (1).
 */
export function AlphaCurve({ points, selected, tolerance }: AlphaCurveProps) {
  const base = reference(points);
  const drawStandard = useCallback(
    (width: number) => panel({ width, points, selected, measure: 'standard', floor: null }),
    [points, selected],
  );
  const drawOod = useCallback((width: number) => panel({ width, points, selected, measure: 'ood', floor: null }), [points, selected]);
  const drawRobust = useCallback(
    (width: number) => panel({ width, points, selected, measure: 'robust', floor: base === null ? null : base - tolerance }),
    [points, selected, base, tolerance],
  );
  const first = points[0];
  const ood = selected?.ood == null ? '' : ` out of distribution ${percent(selected.ood)} (from ${percent(first?.ood)}),`;
  const label = selected
    ? `Accuracy over alpha. Selected: alpha ${selected.alpha}, standard ${percent(selected.standard)} (from ${percent(first?.standard)}),${ood} robust ${percent(selected.robust)} (from ${percent(base)}).`
    : `Accuracy over alpha, ${points.length} points so far.`;
  return (
    <Figure label={label} table={tableOf(points, selected)}>
      <PlotCanvas draw={drawStandard} height={206} />
      {hasOod(points) && <PlotCanvas draw={drawOod} height={206} />}
      <PlotCanvas draw={drawRobust} height={236} />
    </Figure>
  );
}

interface PanelProps {
  width: number;
  points: SweepPoint[];
  selected: SweepPoint | null;
  measure: keyof typeof names;
  floor: number | null;
}

const names = { standard: 'Standard accuracy', ood: 'Accuracy out of distribution', robust: 'Robust accuracy' };

const hasOod = (points: readonly SweepPoint[]) => points.some(({ ood }) => ood !== null);

function panel({ width, points, selected, measure, floor }: PanelProps): PlotOptions {
  const value = (point: SweepPoint) => (point[measure] ?? Number.NaN) * 100;
  const color = `var(--figure-${measure})`;
  const last = measure === 'robust';
  const domain = domainOf([...points.map(value), ...(floor === null ? [] : [floor * 100])]);
  return {
    height: last ? 236 : 206,
    marginLeft: 48,
    marginRight: 16,
    marginTop: 48,
    marginBottom: last ? 42 : 14,
    x: { domain: [0, 1] },
    y: { domain },
    marks: [
      gridY({ stroke: 'var(--figure-grid)', strokeOpacity: 1, ticks: 5 }),
      axisY({ ticks: 5, tickSize: 0, label: null, tickFormat: (tick: number) => `${Number(tick.toFixed(2))}%` }),
      axisX({
        ticks: width < 420 ? 5 : 10,
        tickSize: 0,
        tickFormat: last ? undefined : () => '',
        label: last ? 'α: share of the fine-tuned weights' : null,
        labelAnchor: 'center',
        labelArrow: 'none',
        labelOffset: 38,
      }),
      text([names[measure]], { frameAnchor: 'top-left', dy: -42, dx: -44, fill: color, fontWeight: 600, fontSize: 12.5 }),
      ...(floor === null
        ? []
        : [
            areaY([0, 1], { x: (alpha: number) => alpha, y1: domain[0], y2: floor * 100, fill: color, fillOpacity: 0.07, clip: true }),
            ruleY([floor * 100], { stroke: color, strokeDasharray: '4 4', strokeOpacity: 0.8 }),
            text([floor * 100], {
              frameAnchor: 'right',
              y: (place: number) => place,
              text: () => 'tolerated',
              textAnchor: 'end',
              dy: 9,
              fill: color,
              fontSize: 11,
            }),
          ]),
      ...(selected ? [ruleX([selected.alpha], { stroke: 'var(--figure-chosen)', strokeWidth: 1.5 })] : []),
      line(points, { x: 'alpha', y: value, stroke: color, strokeWidth: 2 }),
      dot(points, { x: 'alpha', y: value, fill: 'var(--surface)', stroke: color, strokeWidth: 2, r: 3.5 }),
      ...(selected
        ? [
            dot([selected], { x: 'alpha', y: value, fill: 'var(--figure-chosen)', stroke: 'var(--surface)', strokeWidth: 2, r: 6.5 }),
            text([selected], {
              x: 'alpha',
              frameAnchor: 'top',
              text: (point: SweepPoint) =>
                [measure === 'standard' && `α = ${point.alpha}`, percent(point[measure])].filter(Boolean).join(' · '),
              dy: -20,
              textAnchor: selected.alpha > 0.75 ? 'end' : selected.alpha < 0.25 && width < 480 ? 'start' : 'middle',
              fill: 'var(--figure-chosen)',
              fontWeight: 600,
              fontSize: 12.5,
            }),
          ]
        : []),
      tip(
        points,
        pointerX({
          x: 'alpha',
          y: value,
          ...tipLook,
          title: (point: SweepPoint) =>
            `α = ${point.alpha}\nstandard ${percent(point.standard, 2)}\nrobust ${percent(point.robust, 2)}${point.ood === null ? '' : `\nout of distribution ${percent(point.ood, 2)}`}\n${point.images} ${point.split} images`,
        }),
      ),
    ],
  };
}

/** The values with some air; at least one percentage point, so that noise does not look like a cliff. */
function domainOf(values: number[]): [number, number] {
  const known = values.filter(Number.isFinite);
  if (known.length === 0) return [0, 100];
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const air = Math.max(1 - (high - low), (high - low) * 0.25, 0.3) / 2;
  return [low < 0 ? low - air : Math.max(0, low - air), high > 100 ? high + air : Math.min(100, high + air)];
}

function tableOf(points: SweepPoint[], selected: SweepPoint | null) {
  const base = points.find(({ alpha }) => alpha === 0);
  const interval = (accuracy: number | null, images: number) => {
    const bounds = accuracy === null ? null : wilson(Math.round(accuracy * images), images);
    return bounds ? `${percent(accuracy)} (${percent(bounds.low)} to ${percent(bounds.high)})` : percent(accuracy);
  };
  return {
    head: ['α', 'Standard (95%)', 'Robust (95%)', 'Δ robust, points', ...(hasOod(points) ? ['Out of distribution'] : []), 'Images'],
    rows: points.map((point) => ({
      key: String(point.alpha),
      cells: [
        point === selected ? <strong key="alpha">{point.alpha} (selected)</strong> : point.alpha,
        interval(point.standard, point.images),
        interval(point.robust, point.images),
        inPoints(point.robust === null || base?.robust == null ? null : point.robust - base.robust, 2),
        ...(hasOod(points) ? [percent(point.ood, 2)] : []),
        `${point.images} ${point.split}`,
      ],
    })),
  };
}
