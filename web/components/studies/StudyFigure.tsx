'use client';
import { Select } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useQuery } from 'urql';
import { AlphaCurve } from '../../charts/AlphaCurve.tsx';
import { MrcBars } from '../../charts/MrcBars.tsx';
import { enumWord } from '../../lib/form/words.ts';
import { decimal } from '../../lib/format.ts';
import { scaleWord } from '../../lib/studies.ts';
import { choiceOf, selectPoint } from '../../lib/sweep.ts';
import { runRecords, type Score, type SweepPoint } from '../../queries/run.ts';
import type { Study } from '../../queries/studies.ts';
import { Problems } from '../display/Problems.tsx';
import { Section } from '../display/Section.tsx';
import { Waiting } from '../run/Waiting.tsx';

const figures: Record<string, { title: string; draw(scores: Score[], points: SweepPoint[], tolerance: number): React.ReactNode }> = {
  FIGURE_MRC: {
    title: 'Module robust criticality',
    draw: (scores) => scores.length > 0 && <MrcBars scores={scores.toSorted((a, b) => a.score - b.score)} waiting={[]} tuned={[]} />,
  },
  FIGURE_ALPHA: {
    title: 'Way back to robustness',
    draw: (_scores, points, tolerance) =>
      points.length > 0 && <AlphaCurve points={points} selected={selectPoint(points, tolerance)} tolerance={tolerance} />,
  },
};

/** The chart of a study that repeats a figure, of one of its runs. */
export function StudyFigure({ study }: { study: Study }) {
  const figure = study.preset === null ? undefined : figures[study.preset];
  const runs = study.rows.flatMap((row) => row.runs);
  const [chosen, setChosen] = useState<string | null>(null);
  const run = runs.find(({ id }) => id === chosen) ?? runs.find(({ state }) => state === 'FINISHED') ?? runs[0];
  const [{ data, error }, refresh] = useQuery({
    query: runRecords,
    variables: { id: run?.id ?? '' },
    pause: !figure || !run,
    requestPolicy: 'cache-and-network',
  });
  const standing = run && `${run.id} ${run.state} ${run.progress.fraction}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a run that has gone on has more to show
  useEffect(() => {
    if (figure && standing) refresh({ requestPolicy: 'network-only' });
  }, [standing]);
  if (!figure || !run) return null;
  const records = data?.run;
  const modules = (study.rows[0]?.published as { modules?: { module: string; mrc: number }[] } | null)?.modules ?? [];
  const norm = records?.mrcScores[0]?.norm;
  const ball = study.preset === 'FIGURE_MRC' && norm && `Ball of the ${enumWord('WeightNorm', norm)} norm.`;
  const paper = modules.map(({ module, mrc }) => `${module} ${decimal(mrc)}`).join(', ');
  return (
    <Section
      title={figure.title}
      description={[
        ball,
        scaleWord(study.scale) && `${scaleWord(study.scale)}.`,
        paper && `The paper names for ResNet18 on CIFAR-10: ${paper}.`,
      ]
        .filter(Boolean)
        .join(' ')}
      actions={
        runs.length > 1 && (
          <Select
            aria-label="Run"
            size="xs"
            data={runs.map(({ id, name }) => ({ value: id, label: name }))}
            value={run.id}
            onChange={setChosen}
            allowDeselect={false}
          />
        )
      }
    >
      <Problems error={error} title="The records of this run could not be read" />
      {figure.draw(records?.mrcScores ?? [], records?.sweep?.points ?? [], choiceOf(records?.config).configured) || (
        <Waiting read={error ? 'failed' : records ? 'read' : 'reading'} what="The figure" />
      )}
    </Section>
  );
}
