'use client';
import { SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { MrcBars } from '../../charts/MrcBars.tsx';
import { enumWord } from '../../lib/form/words.ts';
import { decimal } from '../../lib/format.ts';
import { networkOrder, type RunPageRun, type Score } from '../../queries/run.ts';
import { Section } from '../display/Section.tsx';
import { type Reading, Waiting } from './Waiting.tsx';

interface CriticalityProps {
  run: RunPageRun;
  scores: Score[];
  read: Reading;
}

/** MRC of every module, as the scores arrive. */
export function Criticality({ run, scores, read }: CriticalityProps) {
  const [order, setOrder] = useState('score');
  const network = run.inputs[0] ?? run.outputs[0];
  const [{ data }] = useQuery({ query: networkOrder, variables: { id: network?.id ?? '' }, pause: !network, requestPolicy: 'cache-first' });
  const modules = useMemo(() => data?.checkpoint?.modules.map(({ name }) => name) ?? [], [data]);
  const shown = useMemo(() => {
    const place = (score: Score) => modules.indexOf(score.module);
    return scores.toSorted((a, b) => (order === 'score' ? a.score - b.score : place(a) - place(b)));
  }, [scores, order, modules]);
  const stage = run.stages.find(({ name }) => name === 'CRITICALITY')?.state;
  const running = stage === 'RUNNING';
  const waiting = useMemo(() => {
    const done = new Set(shown.map(({ module }) => module));
    return running ? modules.filter((module) => !done.has(module)) : [];
  }, [running, modules, shown]);
  const tuned = useMemo(() => [...new Set(run.outputs.flatMap(({ changedModules }) => changedModules))], [run.outputs]);
  const ball = scores[0];
  return (
    <Section
      title="Module robust criticality"
      description={
        ball === undefined
          ? undefined
          : `Growth of the robust loss when one module's weights move by at most ${decimal(ball.epsilon * 100)}% of their ${enumWord('WeightNorm', ball.norm)} norm. The lowest is fine-tuned with least harm.${scores.some(({ complete }) => !complete) ? ' Open bars are lower bounds: their ascents were followed only as far as the choice needed.' : ''}`
      }
      actions={
        scores.length > 1 && (
          <SegmentedControl
            size="xs"
            aria-label="Order of the modules"
            value={order}
            onChange={setOrder}
            data={[
              { value: 'score', label: 'By score' },
              { value: 'network', label: 'In network order' },
            ]}
          />
        )
      }
    >
      {scores.length === 0 ? <Waiting read={read} what="The first score" /> : <MrcBars scores={shown} waiting={waiting} tuned={tuned} />}
    </Section>
  );
}
