'use client';
import { Box, Button, Table } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChartLine, IconTable } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './Figure.module.css';

export interface FigureTable {
  head: string[];
  rows: { key: string; cells: ReactNode[] }[];
}

interface FigureProps {
  /** What the picture shows, in a sentence, for those who do not see it. */
  label: string;
  /** The same numbers as text. */
  table: FigureTable;
  children: ReactNode;
}

/** A picture with the table of its numbers one click away. */
export function Figure({ label, table, children }: FigureProps) {
  const [asTable, { toggle }] = useDisclosure(false);
  return (
    <figure className={classes.figure}>
      {asTable ? (
        <NumbersTable table={table} label={label} />
      ) : (
        <Box role="img" aria-label={label}>
          {children}
        </Box>
      )}
      <Button
        className={classes.toggle}
        variant="subtle"
        color="gray"
        size="compact-xs"
        leftSection={asTable ? <IconChartLine size={14} aria-hidden /> : <IconTable size={14} aria-hidden />}
        onClick={toggle}
      >
        {asTable ? 'Show the chart' : 'Show as a table'}
      </Button>
    </figure>
  );
}

function NumbersTable({ table, label }: { table: FigureTable; label: string }) {
  return (
    <Table.ScrollContainer minWidth={0} mah={380} type="native" tabIndex={0}>
      <Table aria-label={label} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            {table.head.map((name, index) => (
              <Table.Th key={name} className={index > 0 ? classes.number : undefined}>
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {table.rows.map(({ key, cells }) => (
            <Table.Tr key={key}>
              {cells.map((cell, index) => (
                <Table.Td key={table.head[index]} className={index > 0 ? classes.number : undefined}>
                  {cell}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
