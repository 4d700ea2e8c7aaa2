'use client';
import { SimpleGrid, Table, Text, VisuallyHidden } from '@mantine/core';
import { percent } from '../../lib/format.ts';
import { corruptionWord, datasetWord, splitWord } from '../../lib/words.ts';
import type { Evaluation } from '../../queries/run.ts';
import classes from './Run.module.css';

interface Grid {
  name: string;
  /** Which images, and who corrupted them. */
  images: string;
  cells: Evaluation[];
}

const mean = (evaluations: readonly Evaluation[]) => evaluations.reduce((sum, { accuracy }) => sum + accuracy, 0) / evaluations.length;

/** `mnist test[0:200], corruption computed here`, from a protocol of the engine's. */
const imagesOf = ({ protocol, dataset, split }: Evaluation): string =>
  /^ood: \S+ severity \d+; (.+)$/.exec(protocol)?.[1] ?? `${datasetWord(dataset)}, ${splitWord(split)} images`;

/** One of each weights and images; of what was measured twice the last. */
function gridsOf(evaluations: readonly Evaluation[]): (Grid & { key: string })[] {
  const grids = new Map<string, { name: string; images: string; cells: Map<string, Evaluation> }>();
  for (const evaluation of evaluations) {
    const { id = '', name = 'weights' } = evaluation.checkpoint ?? {};
    const images = imagesOf(evaluation);
    const key = `${id} ${images}`;
    const grid = grids.get(key) ?? { name, images, cells: new Map() };
    grid.cells.set(`${evaluation.corruption} ${evaluation.severity}`, evaluation);
    grids.set(key, grid);
  }
  return [...grids].map(([key, { cells, ...grid }]) => ({ key, ...grid, cells: [...cells.values()] }));
}

/** Accuracy under every corruption and severity: a table of cells, the darker the more images are right. */
export function Corruptions({ evaluations }: { evaluations: readonly Evaluation[] }) {
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl" mt="lg">
      {gridsOf(evaluations).map(({ key, ...grid }) => (
        <Heat key={key} {...grid} />
      ))}
    </SimpleGrid>
  );
}

function Heat({ name, images, cells }: Grid) {
  const corruptions = [...new Set(cells.map(({ corruption }) => corruption ?? ''))];
  const severities = [...new Set(cells.map(({ severity }) => severity ?? 0))].sort((one, other) => one - other);
  const find = (corruption: string, severity: number) => cells.find((cell) => cell.corruption === corruption && cell.severity === severity);
  return (
    <div style={{ minWidth: 0 }}>
      <Text fw={560}>{name}</Text>
      <Text size="sm" c="dimmed">
        Corrupted images: {percent(mean(cells), 2)} right, the mean over {corruptions.length} corruptions at {severities.length}{' '}
        {severities.length === 1 ? 'severity' : 'severities'}; {images}
      </Text>
      <Table.ScrollContainer minWidth={300} mt="xs">
        <Table
          className={classes.heat}
          aria-label={`Accuracy of ${name} in percent, by corruption and severity`}
          verticalSpacing={3}
          horizontalSpacing="var(--heat-spacing)"
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
                  {corruptionWord(corruption)}
                </Table.Th>
                {severities.map((severity) => (
                  <Cell key={severity} evaluation={find(corruption, severity)} />
                ))}
                <Table.Td ta="right" fw={560}>
                  {inPercent(mean(cells.filter((cell) => cell.corruption === corruption)))}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </div>
  );
}

/** The table's name says what the number is of. */
const inPercent = (fraction: number) => (100 * fraction).toFixed(1);

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
      {inPercent(evaluation.accuracy)}
    </Table.Td>
  );
}
