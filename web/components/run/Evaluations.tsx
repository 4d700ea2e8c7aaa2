'use client';
import { useMemo } from 'react';
import { Intervals, type Measured } from '../../charts/Intervals.tsx';
import { measuredAs } from '../../lib/attacks.ts';
import { count } from '../../lib/format.ts';
import { splitWord } from '../../lib/words.ts';
import type { Evaluation } from '../../queries/run.ts';
import { Section } from '../display/Section.tsx';
import { EvaluationTables, isChosenThere, isSingle } from './EvaluationTables.tsx';
import { type Reading, Waiting } from './Waiting.tsx';

interface EvaluationsProps {
  evaluations: Evaluation[];
  /** Id of the checkpoint that the others are compared with. */
  base: string | null;
  /** Name of the run; weights that are named after it are shown without it. */
  run: string;
  read: Reading;
  /** Whether they were logged by a script, so that nobody here knows how they came about. */
  external: boolean;
}

/** Final accuracies with their intervals. */
export function Evaluations({ evaluations, base, run, read, external }: EvaluationsProps) {
  const single = useMemo(() => evaluations.filter(isSingle), [evaluations]);
  const measured = useMemo(() => single.map((evaluation) => measuredOf(evaluation, base, run)), [single, base, run]);
  return (
    <Section
      title="Evaluations"
      description={
        evaluations.some(isChosenThere)
          ? 'Some weights were chosen on the images that they are measured on: those accuracies flatter them.'
          : external
            ? 'As they were logged.'
            : 'Measured once, after every choice was made.'
      }
    >
      {evaluations.length === 0 ? (
        <Waiting read={read} what="The first accuracy" />
      ) : (
        <>
          {single.length > 0 && <Intervals measured={measured} />}
          <EvaluationTables evaluations={evaluations} />
        </>
      )}
    </Section>
  );
}

function measuredOf(evaluation: Evaluation, base: string | null, run: string): Measured {
  const { id, split, accuracy, low, high, images, checkpoint } = evaluation;
  return {
    key: id,
    group: `${measuredAs(evaluation)}, ${splitWord(split)} images`,
    name: shortName(checkpoint?.name ?? 'weights', run),
    accuracy,
    low,
    high,
    detail: evaluation.trust === 'SUSPECT' ? `${count(images)}, suspect` : count(images),
    tone: checkpoint?.id === base ? 'base' : 'chosen',
  };
}

const shortName = (name: string, run: string) => (name.startsWith(`${run} `) ? name.slice(run.length + 1) : name);
