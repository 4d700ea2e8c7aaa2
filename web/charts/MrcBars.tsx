'use client';
import { axisX, barX, gridX, type PlotOptions, pointerY, ruleX, text, tip } from '@observablehq/plot';
import { useCallback } from 'react';
import { decimal } from '../lib/format.ts';
import type { Score } from '../queries/run.ts';
import { Figure } from './Figure.tsx';
import { PlotCanvas } from './PlotCanvas.tsx';

interface MrcBarsProps {
  /** In the order in which they are drawn, from the top. */
  scores: Score[];
  /** Modules without a score yet, below the others. */
  waiting: string[];
}

const rowHeight = 23;

/** One bar a module: how much the robust loss can grow when only its weights move inside their ball. */
export function MrcBars({ scores, waiting }: MrcBarsProps) {
  const draw = useCallback(
    (width: number): PlotOptions => {
      const modules = [...scores.map(({ module }) => module), ...waiting];
      const longest = Math.max(...modules.map((module) => module.length));
      const marginLeft = Math.min(width * 0.45, longest * 6.9 + 14);
      return {
        height: modules.length * rowHeight + 46,
        marginLeft,
        marginRight: 58,
        marginTop: 4,
        marginBottom: 42,
        x: { domain: [0, Math.max(...scores.map(({ score }) => score), 1e-6)], label: null },
        y: { domain: modules, label: null },
        marks: [
          gridX({ stroke: 'var(--figure-grid)', strokeOpacity: 1, ticks: 5 }),
          axisX({
            ticks: 5,
            label: 'Module robust criticality (growth of the robust loss)',
            labelAnchor: 'center',
            tickSize: 0,
            labelOffset: 38,
          }),
          barX(scores, {
            x: 'score',
            y: 'module',
            fill: (score: Score) => (score.rank === 1 ? 'var(--figure-chosen)' : 'var(--figure-standard)'),
            fillOpacity: (score: Score) => (score.rank === 1 ? 1 : 0.75),
            insetTop: 3,
            insetBottom: 3,
            rx2: 3,
          }),
          text(scores, {
            x: 'score',
            y: 'module',
            text: ({ score }: Score) => decimal(score),
            textAnchor: 'start',
            dx: 6,
            fill: 'var(--figure-text)',
          }),
          text(modules, {
            frameAnchor: 'left',
            y: (module: string) => module,
            text: (module: string) => module,
            textAnchor: 'end',
            dx: -8,
            fontFamily: 'var(--mantine-font-family-monospace)',
            fontSize: 11,
            fill: 'var(--figure-ink)',
            fillOpacity: (module: string) => (waiting.includes(module) ? 0.45 : 1),
            textOverflow: 'ellipsis-start',
            lineWidth: (marginLeft - 12) / 11,
          }),
          ruleX([0], { stroke: 'var(--figure-text)' }),
          tip(
            scores,
            pointerY({
              x: 'score',
              y: 'module',
              fill: 'var(--figure-ink)',
              title: (score: Score) =>
                `${score.module}\nrank ${score.rank} of ${scores.length}\nMRC ${decimal(score.score)}\nrobust loss ${decimal(score.robustLoss)} → ${decimal(score.perturbedLoss)}`,
            }),
          ),
        ],
      };
    },
    [scores, waiting],
  );
  const lowest = scores.find(({ rank }) => rank === 1);
  const label = `Module robust criticality of ${scores.length} modules. Lowest: ${lowest?.module ?? 'none yet'}, ${decimal(lowest?.score)}.`;
  return (
    <Figure
      label={label}
      table={{
        head: ['Module', 'Rank', 'MRC', 'Robust loss', 'Perturbed loss'],
        rows: scores.map(({ module, rank, score, robustLoss, perturbedLoss }) => ({
          key: module,
          cells: [module, rank, decimal(score), decimal(robustLoss), decimal(perturbedLoss)],
        })),
      }}
    >
      <PlotCanvas draw={draw} height={(scores.length + waiting.length) * rowHeight + 46} />
    </Figure>
  );
}
