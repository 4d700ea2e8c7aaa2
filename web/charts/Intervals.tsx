'use client';
import { axisFy, axisX, axisY, dot, gridX, link, type PlotOptions, text } from '@observablehq/plot';
import { useCallback, useMemo } from 'react';
import { percent } from '../lib/format.ts';
import { Figure } from './Figure.tsx';
import { PlotCanvas } from './PlotCanvas.tsx';

export interface Measured {
  key: string;
  /** Rows with the same group stand together. */
  group: string;
  name: string;
  accuracy: number;
  low: number;
  high: number;
  detail: string;
  tone: 'base' | 'chosen';
}

/** Of a name's letters, on average, in pixels. */
const letterWidth = 6.8;

/** A name that is too long loses its middle: what tells names apart is mostly at their ends. */
function shortened(name: string, most: number): string {
  if (name.length <= most) return name;
  const kept = Math.max(2, most - 1);
  return `${name.slice(0, Math.ceil(kept / 2))}…${name.slice(name.length - Math.floor(kept / 2))}`;
}

/** Accuracies as dots with their 95% Wilson intervals. */
export function Intervals({ measured }: { measured: Measured[] }) {
  const { groups, names } = useMemo(
    () => ({ groups: [...new Set(measured.map(({ group }) => group))], names: [...new Set(measured.map(({ name }) => name))] }),
    [measured],
  );
  const height = groups.length * (names.length * 24 + 26) + 44;
  const draw = useCallback(
    (width: number): PlotOptions => {
      const color = ({ tone }: Measured) => `var(--figure-${tone})`;
      const low = Math.min(...measured.map((row) => row.low * 100));
      const high = Math.max(...measured.map((row) => row.high * 100));
      const marginLeft = Math.min(width * 0.4, Math.max(...names.map(({ length }) => length)) * letterWidth + 16);
      const air = Math.max(2, (high - low) * 0.12);
      return {
        height,
        marginLeft,
        marginRight: 56,
        marginTop: 22,
        marginBottom: 40,
        x: { domain: [Math.max(0, low - air), high > 100 ? high + air : Math.min(100, high + air)] },
        y: { domain: names, padding: 0.6 },
        fy: { domain: groups, padding: 0.25 },
        marks: [
          gridX({ stroke: 'var(--figure-grid)', strokeOpacity: 1, ticks: width < 480 ? 3 : 6 }),
          axisX({
            ticks: width < 480 ? 3 : 6,
            tickSize: 0,
            tickFormat: (tick: number) => `${tick}%`,
            label: 'Accuracy with 95% interval',
            labelAnchor: 'center',
            labelArrow: 'none',
            labelOffset: 38,
          }),
          axisY({
            label: null,
            tickSize: 0,
            fill: 'var(--figure-ink)',
            tickFormat: (name: string) => shortened(name, Math.floor((marginLeft - 16) / letterWidth)),
          }),
          axisFy({ label: null, tickFormat: () => '' }),
          text(groups, {
            fy: (group: string) => group,
            text: (group: string) => group,
            frameAnchor: 'top-left',
            dy: -14,
            dx: -marginLeft,
            fontWeight: 600,
            fill: 'var(--figure-ink)',
          }),
          link(measured, {
            fy: 'group',
            y1: 'name',
            y2: 'name',
            x1: (row: Measured) => row.low * 100,
            x2: (row: Measured) => row.high * 100,
            stroke: color,
            strokeWidth: 3,
            strokeOpacity: 0.45,
            strokeLinecap: 'round',
          }),
          dot(measured, {
            fy: 'group',
            y: 'name',
            x: (row: Measured) => row.accuracy * 100,
            fill: color,
            r: 5,
            stroke: 'var(--surface)',
            strokeWidth: 1.5,
          }),
          text(measured, {
            fy: 'group',
            y: 'name',
            x: (row: Measured) => row.high * 100,
            text: (row: Measured) => percent(row.accuracy),
            dx: 8,
            textAnchor: 'start',
            fill: 'var(--figure-ink)',
          }),
        ],
      };
    },
    [measured, height, groups, names],
  );
  const label = measured.map(({ group, name, accuracy }) => `${group}, ${name}: ${percent(accuracy)}`).join('; ');
  return (
    <Figure
      label={`Accuracies with 95% intervals. ${label}.`}
      table={{
        head: ['Measured', 'Accuracy', '95% interval', 'Images'],
        rows: measured.map(({ key, group, name, accuracy, low, high, detail }) => ({
          key,
          cells: [`${group}: ${name}`, percent(accuracy, 2), `${percent(low)} to ${percent(high)}`, detail],
        })),
      }}
    >
      <PlotCanvas draw={draw} height={height} />
    </Figure>
  );
}
