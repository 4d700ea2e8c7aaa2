import { Box, Table, Text, Tooltip } from '@mantine/core';
import { attackOf } from '../../lib/attacks.ts';
import { count, percent } from '../../lib/format.ts';
import { splitWord, suiteWord } from '../../lib/words.ts';
import type { Evaluation } from '../../queries/run.ts';
import { Suspect } from '../display/Suspect.tsx';
import { Corruptions } from './Corruptions.tsx';
import classes from './Run.module.css';

/** Whether the weights, or what they come from, were chosen on the split that they are measured on. */
export const isChosenThere = ({ split, checkpoint }: Evaluation): boolean => checkpoint?.chosenOn.includes(split) ?? false;

/** Whether it is not one of the many corruptions, which have a table of their own. */
export const isSingle = ({ corruption }: Evaluation): boolean => corruption === null;

/** Every evaluation, those on corrupted images by corruption and severity. ofOne: all are of weights that the page is about. */
export function EvaluationTables({ evaluations, ofOne = false }: { evaluations: readonly Evaluation[]; ofOne?: boolean }) {
  const single = evaluations.filter(isSingle);
  const corrupted = evaluations.filter((evaluation) => !isSingle(evaluation));
  return (
    <>
      {single.length > 0 && <EvaluationTable evaluations={single} ofOne={ofOne} />}
      {single.length > 0 && <EvaluationCards evaluations={single} ofOne={ofOne} />}
      {corrupted.length > 0 && <Corruptions evaluations={corrupted} />}
    </>
  );
}

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

const measuredOn = ({ suite, split }: Evaluation) => `${suiteWord(suite)}, ${splitWord(split)}`;
const interval = ({ low, high }: Evaluation) => `${percent(low)} to ${percent(high)}`;
const correctOf = ({ correct, images }: Evaluation) => `${count(correct)} of ${count(images)}`;

interface SingleProps {
  evaluations: Evaluation[];
  ofOne: boolean;
}

/** With how each was measured. */
function EvaluationTable({ evaluations, ofOne }: SingleProps) {
  return (
    <Table.ScrollContainer minWidth={ofOne ? 760 : 980} mt="md" visibleFrom="sm">
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
          {evaluations.map((evaluation) => (
            <Table.Tr key={evaluation.id}>
              {!ofOne && (
                <Table.Td style={{ whiteSpace: 'nowrap' }}>
                  {evaluation.checkpoint?.name ?? '–'}
                  <Caveats evaluation={evaluation} />
                </Table.Td>
              )}
              <Table.Td style={{ whiteSpace: 'nowrap' }}>
                {measuredOn(evaluation)}
                <Attack attack={evaluation.attack} images={evaluation.images} />
                {ofOne && <Caveats evaluation={evaluation} />}
              </Table.Td>
              <Table.Td ta="right" fw={560}>
                {percent(evaluation.accuracy, 2)}
              </Table.Td>
              <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
                {interval(evaluation)}
              </Table.Td>
              <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
                {correctOf(evaluation)}
              </Table.Td>
              <Table.Td miw={280}>
                <Tooltip label={evaluation.protocol} maw={440}>
                  <span style={{ color: 'var(--quiet)', fontSize: '0.78rem' }}>{evaluation.protocol}</span>
                </Tooltip>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** On a phone. */
function EvaluationCards({ evaluations, ofOne }: SingleProps) {
  return (
    <Box hiddenFrom="sm" component="ul" aria-label="Evaluations" className={classes.evaluations}>
      {evaluations.map((evaluation) => (
        <li key={evaluation.id} className={classes.evaluation}>
          <div className={classes.weight}>
            <Text size="sm">{measuredOn(evaluation)}</Text>
            <Text size="sm" fw={560}>
              {percent(evaluation.accuracy, 2)}
            </Text>
          </div>
          {!ofOne && (
            <Text size="xs" style={{ overflowWrap: 'anywhere' }}>
              {evaluation.checkpoint?.name ?? '–'}
            </Text>
          )}
          <Text size="xs" c="dimmed">
            {correctOf(evaluation)}, 95% interval {interval(evaluation)}
          </Text>
          <Attack attack={evaluation.attack} images={evaluation.images} />
          <Caveats evaluation={evaluation} />
          <Text size="xs" c="dimmed">
            {evaluation.protocol}
          </Text>
        </li>
      ))}
    </Box>
  );
}
