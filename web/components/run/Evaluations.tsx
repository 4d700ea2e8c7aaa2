'use client';
import { Table, Text, Tooltip } from '@mantine/core';
import { useMemo } from 'react';
import { Intervals, type Measured } from '../../charts/Intervals.tsx';
import { attackOf, measuredAs } from '../../lib/attacks.ts';
import { count, percent } from '../../lib/format.ts';
import { splitWord, suiteWord } from '../../lib/words.ts';
import type { Evaluation } from '../../queries/run.ts';
import { Section } from '../display/Section.tsx';
import { Suspect } from '../display/Suspect.tsx';
import { Corruptions } from './Corruptions.tsx';
import { Waiting } from './Waiting.tsx';

interface EvaluationsProps {
  evaluations: Evaluation[];
  /** Id of the checkpoint that the others are compared with. */
  base: string | null;
  /** Name of the run; weights that are named after it are shown without it. */
  run: string;
  read: boolean;
}

/** Final accuracies with their intervals. */
export function Evaluations({ evaluations, base, run, read }: EvaluationsProps) {
  const single = useMemo(() => evaluations.filter(isSingle), [evaluations]);
  const measured = useMemo(() => single.map((evaluation) => measuredOf(evaluation, base, run)), [single, base, run]);
  return (
    <Section
      title="Evaluations"
      description={
        evaluations.some(isChosenThere)
          ? 'Some weights were chosen on the images that they are measured on: those accuracies flatter them.'
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

/** Whether the weights, or what they come from, were chosen on the split that they are measured on. */
const isChosenThere = ({ split, checkpoint }: Evaluation) => checkpoint?.chosenOn.includes(split) ?? false;

const shortName = (name: string, run: string) => (name.startsWith(`${run} `) ? name.slice(run.length + 1) : name);

/** Which attack it was, and what was left after each part of one that is several in turn. */
function Attack({ attack, images }: { attack: unknown; images: number }) {
  const { name, stages, warnings } = attackOf(attack);
  if (!name) return null;
  return (
    <Text size="xs" c="dimmed" component="div">
      {name}
      {stages.map((stage) => (
        <div key={stage.name}>
          after {stage.name}: {percent(stage.correct / images, 2)}
        </div>
      ))}
      {warnings.map((warning) => (
        <div key={warning} style={{ whiteSpace: 'normal', maxWidth: 260 }}>
          {warning}
        </div>
      ))}
    </Text>
  );
}

/** Whether it is not one of the many corruptions, which have a table of their own. */
const isSingle = ({ corruption }: Evaluation) => corruption === null;

/** Every evaluation, those on corrupted images by corruption and severity. ofOne: all are of weights that the page is about. */
export function EvaluationTables({ evaluations, ofOne = false }: { evaluations: readonly Evaluation[]; ofOne?: boolean }) {
  const single = evaluations.filter(isSingle);
  const corrupted = evaluations.filter((evaluation) => !isSingle(evaluation));
  return (
    <>
      {single.length > 0 && <EvaluationTable evaluations={single} ofOne={ofOne} />}
      {corrupted.length > 0 && <Corruptions evaluations={corrupted} />}
    </>
  );
}

/** What makes a number worth less. */
function Caveats({ evaluation }: { evaluation: Evaluation }) {
  return (
    <>
      <Suspect trust={evaluation.trust} findings={evaluation.findings} />
      {isChosenThere(evaluation) && (
        <Text size="xs" c="dimmed">
          chosen on {splitWord(evaluation.split)} images
        </Text>
      )}
    </>
  );
}

/** With how each was measured. */
function EvaluationTable({ evaluations, ofOne }: { evaluations: Evaluation[]; ofOne: boolean }) {
  return (
    <Table.ScrollContainer minWidth={ofOne ? 760 : 980} mt="md">
      <Table aria-label="Evaluations">
        <Table.Thead>
          <Table.Tr>
            {!ofOne && <Table.Th>Weights</Table.Th>}
            <Table.Th>Suite</Table.Th>
            <Table.Th ta="right">Accuracy</Table.Th>
            <Table.Th ta="right">95% interval</Table.Th>
            <Table.Th ta="right">Correct</Table.Th>
            <Table.Th>Measured as</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {evaluations.map((evaluation) => {
            const { id, suite, split, accuracy, low, high, correct, images, protocol, checkpoint } = evaluation;
            return (
              <Table.Tr key={id}>
                {!ofOne && (
                  <Table.Td style={{ whiteSpace: 'nowrap' }}>
                    {checkpoint?.name ?? '–'}
                    <Caveats evaluation={evaluation} />
                  </Table.Td>
                )}
                <Table.Td style={{ whiteSpace: 'nowrap' }}>
                  {suiteWord(suite)}, {splitWord(split)}
                  <Attack attack={evaluation.attack} images={images} />
                  {ofOne && <Caveats evaluation={evaluation} />}
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
                <Table.Td miw={280}>
                  <Tooltip label={protocol} maw={440}>
                    <span style={{ color: 'var(--quiet)', fontSize: '0.78rem' }}>{protocol}</span>
                  </Tooltip>
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
