'use client';
import { axisX, barX, gridX, type PlotOptions, pointerY, ruleX, text, tip } from '@observablehq/plot';
import { useCallback } from 'react';
import { decimal, decimalsOf } from '../lib/format.ts';
import type { Score } from '../queries/run.ts';
import { Figure } from './Figure.tsx';
import { PlotCanvas, tipLook } from './PlotCanvas.tsx';

interface MrcBarsProps {
  /** In the order in which they are drawn, from the top. */
  scores: Score[];
  /** Modules without a score yet, below the others. */
  waiting: string[];
  /** Modules that were fine-tuned; the lowest score stands out while they are not known. */
  tuned: string[];
}

const rowHeight = 23;
/** Where there is no room beside the bars, the names stand above them. */
const narrow = 480;
const narrowRowHeight = 40;

/** A lower bound is said to be one. */
const bounded = ({ complete }: Score, text: string) => `${complete ? '' : '≥ '}${text}`;

/** One bar a module: how much the robust loss can grow when only its weights move inside their ball; open where it is a lower bound. */
export function MrcBars({ scores, waiting, tuned }: MrcBarsProps) {
  const draw = useCallback(
    (width: number): PlotOptions => {
      const scoreText = decimalsOf(scores.map(({ score }) => score));
      const stands = ({ module, rank }: Score) => (tuned.length > 0 ? tuned.includes(module) : rank === 1);
      const modules = [...scores.map(({ module }) => module), ...waiting];
      const longest = Math.max(...modules.map((module) => module.length));
      const above = width < narrow;
      const marginLeft = above ? 4 : longest * 6.9 + 14;
      return {
        height: modules.length * (above ? narrowRowHeight : rowHeight) + 46,
        marginLeft,
        marginRight: scores.every(({ complete }) => complete) ? 58 : 76,
        marginTop: 4,
        marginBottom: 42,
        x: { domain: [0, Math.max(...scores.map(({ score }) => score), 1e-6)], label: null },
        y: { domain: modules, axis: null },
        marks: [
          gridX({ stroke: 'var(--figure-grid)', strokeOpacity: 1, ticks: 5 }),
          axisX({
            ticks: 5,
            label: above ? 'Growth of the robust loss' : 'Module robust criticality (growth of the robust loss)',
            labelAnchor: 'center',
            labelArrow: 'none',
            tickSize: 0,
            labelOffset: 38,
          }),
          barX(scores, {
            x: 'score',
            y: 'module',
            fill: (score: Score) => (stands(score) ? 'var(--figure-chosen)' : 'var(--figure-standard)'),
            fillOpacity: (score: Score) => (!score.complete ? 0.08 : stands(score) ? 1 : 0.75),
            stroke: (score: Score) => (score.complete ? 'none' : 'var(--figure-standard)'),
            strokeDasharray: '3 2',
            insetTop: above ? 18 : 3,
            insetBottom: 3,
            rx2: 3,
          }),
          text(scores, {
            x: 'score',
            y: 'module',
            text: (score: Score) => bounded(score, scoreText(score.score)),
            textAnchor: 'start',
            dx: 6,
            dy: above ? 7.5 : 0,
            fill: 'var(--figure-text)',
          }),
          text(modules, {
            frameAnchor: 'left',
            y: (module: string) => module,
            text: (module: string) => module,
            textAnchor: above ? 'start' : 'end',
            dx: above ? 0 : -8,
            dy: above ? -11 : 0,
            fontFamily: 'var(--mantine-font-family-monospace)',
            fontSize: 11,
            fill: 'var(--figure-ink)',
            fillOpacity: (module: string) => (waiting.includes(module) ? 0.45 : 1),
          }),
          ruleX([0], { stroke: 'var(--figure-text)' }),
          tip(
            scores,
            pointerY({
              x: 'score',
              y: 'module',
              ...tipLook,
              title: (score: Score) =>
                `${score.module}\nrank ${score.rank} of ${scores.length}\nMRC ${bounded(score, decimal(score.score))}${score.complete ? '' : ' (a lower bound)'}${tuned.includes(score.module) ? ', fine-tuned' : ''}\nrobust loss ${decimal(score.robustLoss)} → ${decimal(score.perturbedLoss)}`,
            }),
          ),
        ],
      };
    },
    [scores, waiting, tuned],
  );
  const lowest = scores.find(({ rank }) => rank === 1);
  const bounds = scores.filter(({ complete }) => !complete).length;
  const label = `Module robust criticality of ${scores.length} modules. Lowest: ${lowest?.module ?? 'none yet'}, ${decimal(lowest?.score)}.${bounds > 0 ? ` ${bounds} are lower bounds.` : ''}`;
  const scoreText = decimalsOf(scores.map(({ score }) => score));
  const lossText = decimalsOf(scores.flatMap(({ robustLoss, perturbedLoss }) => [robustLoss, perturbedLoss]));
  return (
    <Figure
      label={label}
      table={{
        head: ['Module', 'Rank', 'MRC', 'Robust loss', 'Perturbed loss'],
        rows: scores.map((score) => ({
          key: score.module,
          cells: [
            score.module,
            score.rank,
            bounded(score, scoreText(score.score)),
            lossText(score.robustLoss),
            bounded(score, lossText(score.perturbedLoss)),
          ],
        })),
      }}
    >
      <PlotCanvas draw={draw} height={(scores.length + waiting.length) * rowHeight + 46} />
    </Figure>
  );
}
