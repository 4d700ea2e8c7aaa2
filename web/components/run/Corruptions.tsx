'use client';
import { SimpleGrid, Table, Text, VisuallyHidden } from '@mantine/core';
import { percent } from '../../lib/format.ts';
import { spaced } from '../../lib/words.ts';
import type { Evaluation } from '../../queries/run.ts';

interface Weights {
  id: string;
  name: string;
  cells: Evaluation[];
}

const mean = (evaluations: readonly Evaluation[]) => evaluations.reduce((sum, { accuracy }) => sum + accuracy, 0) / evaluations.length;

function byWeights(evaluations: readonly Evaluation[]): Weights[] {
  const all = new Map<string, Weights>();
  for (const evaluation of evaluations) {
    const { id = '', name = 'weights' } = evaluation.checkpoint ?? {};
    const weights = all.get(id) ?? { id, name, cells: [] };
    weights.cells.push(evaluation);
    all.set(id, weights);
  }
  return [...all.values()];
}

/** Accuracy under every corruption and severity: a table of cells, the darker the more images are right. */
export function Corruptions({ evaluations }: { evaluations: Evaluation[] }) {
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl" mt="lg">
      {byWeights(evaluations).map((weights) => (
        <Heat key={weights.id} {...weights} />
      ))}
    </SimpleGrid>
  );
}

function Heat({ name, cells }: Weights) {
  const corruptions = [...new Set(cells.map(({ corruption }) => corruption ?? ''))];
  const severities = [...new Set(cells.map(({ severity }) => severity ?? 0))].sort((one, other) => one - other);
  const find = (corruption: string, severity: number) => cells.find((cell) => cell.corruption === corruption && cell.severity === severity);
  return (
    <div style={{ minWidth: 0 }}>
      <Text fw={560}>{name}</Text>
      <Text size="sm" c="dimmed">
        Corrupted images: {percent(mean(cells), 2)} right, the mean over {corruptions.length} corruptions at {severities.length}{' '}
        {severities.length === 1 ? 'severity' : 'severities'}
      </Text>
      <Table.ScrollContainer minWidth={360} mt="xs">
        <Table
          aria-label={`Accuracy of ${name} by corruption and severity`}
          verticalSpacing={3}
          horizontalSpacing={6}
          withRowBorders={false}
        >
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Corruption</Table.Th>
              {severities.map((severity) => (
                <Table.Th key={severity} ta="right">
                  <span aria-hidden="true">{severity}</span>
                  <VisuallyHidden>Severity {severity}</VisuallyHidden>
                </Table.Th>
              ))}
              <Table.Th ta="right">Mean</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {corruptions.map((corruption) => (
              <Table.Tr key={corruption}>
                <Table.Th scope="row" fw={400} style={{ whiteSpace: 'nowrap' }}>
                  {spaced(corruption.toUpperCase())}
                </Table.Th>
                {severities.map((severity) => (
                  <Cell key={severity} evaluation={find(corruption, severity)} />
                ))}
                <Table.Td ta="right" fw={560}>
                  {percent(mean(cells.filter((cell) => cell.corruption === corruption)))}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </div>
  );
}

/** The tint stays pale enough for the ink on it. */
const strongest = 38;

function Cell({ evaluation }: { evaluation: Evaluation | undefined }) {
  if (!evaluation) return <Table.Td ta="right">–</Table.Td>;
  const tint = Math.round(evaluation.accuracy * strongest);
  return (
    <Table.Td
      ta="right"
      title={evaluation.protocol}
      style={{ background: `color-mix(in srgb, var(--figure-chosen) ${tint}%, transparent)`, borderRadius: 3 }}
    >
      {percent(evaluation.accuracy)}
    </Table.Td>
  );
}
