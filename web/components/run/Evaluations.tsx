'use client';
import { Table, Tooltip } from '@mantine/core';
import { useMemo } from 'react';
import { Intervals, type Measured } from '../../charts/Intervals.tsx';
import { count, percent } from '../../lib/format.ts';
import { splitWord, suiteWord } from '../../lib/words.ts';
import type { Evaluation, RunPageRun } from '../../queries/run.ts';
import { Section } from '../display/Section.tsx';
import { Waiting } from './Waiting.tsx';

interface EvaluationsProps {
  run: RunPageRun;
  evaluations: Evaluation[];
  read: boolean;
}

/** Final accuracies with their intervals. */
export function Evaluations({ run, evaluations, read }: EvaluationsProps) {
  const outputs = useMemo(() => new Set(run.outputs.map(({ id }) => id)), [run.outputs]);
  const measured = useMemo(() => evaluations.map((evaluation) => measuredOf(evaluation, outputs)), [evaluations, outputs]);
  return (
    <Section title="Evaluations" description="Measured once, after every choice was made.">
      {evaluations.length === 0 ? (
        <Waiting run={run} stage="EVALUATION" read={read} what="accuracy" />
      ) : (
        <>
          <Intervals measured={measured} />
          <EvaluationTable evaluations={evaluations} />
        </>
      )}
    </Section>
  );
}

function measuredOf(evaluation: Evaluation, outputs: Set<string>): Measured {
  const { id, suite, split, accuracy, low, high, images, checkpoint } = evaluation;
  return {
    key: id,
    group: `${suiteWord(suite)}, ${splitWord(split)} images`,
    name: checkpoint?.name ?? 'Weights',
    accuracy,
    low,
    high,
    detail: count(images),
    tone: checkpoint && outputs.has(checkpoint.id) ? 'chosen' : 'base',
  };
}

/** Every evaluation with how it was measured. */
export function EvaluationTable({ evaluations }: { evaluations: Evaluation[] }) {
  return (
    <Table.ScrollContainer minWidth={680} mt="md">
      <Table aria-label="Evaluations">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Weights</Table.Th>
            <Table.Th>Suite</Table.Th>
            <Table.Th ta="right">Accuracy</Table.Th>
            <Table.Th ta="right">95% interval</Table.Th>
            <Table.Th ta="right">Correct</Table.Th>
            <Table.Th>Measured as</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {evaluations.map(({ id, suite, split, accuracy, low, high, correct, images, protocol, checkpoint }) => (
            <Table.Tr key={id}>
              <Table.Td>{checkpoint?.name ?? '–'}</Table.Td>
              <Table.Td>
                {suiteWord(suite)}, {splitWord(split)}
              </Table.Td>
              <Table.Td ta="right" fw={560}>
                {percent(accuracy, 2)}
              </Table.Td>
              <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
                {percent(low)} to {percent(high)}
              </Table.Td>
              <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
                {count(correct)} of {count(images)}
              </Table.Td>
              <Table.Td maw={300}>
                <Tooltip label={protocol} maw={440}>
                  <span style={{ color: 'var(--quiet)', fontSize: '0.78rem' }}>{protocol}</span>
                </Tooltip>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
