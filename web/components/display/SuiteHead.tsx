import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './SuiteHead.module.css';

interface SuiteHeadProps {
  suites: readonly { name: string; label: string }[];
  /** What stands below every suite. */
  columns: readonly ReactNode[];
  /** Cells of two rows' height. */
  before: ReactNode;
}

/** The head of a table with several columns for each suite. */
export function SuiteHead({ suites, columns, before }: SuiteHeadProps) {
  return (
    <Table.Thead>
      <Table.Tr>
        {before}
        {suites.map(({ name, label }) => (
          <Table.Th key={name} colSpan={columns.length} ta="center" className={classes.group}>
            {label}
          </Table.Th>
        ))}
      </Table.Tr>
      <Table.Tr>
        {suites.flatMap(({ name }) =>
          columns.map((column, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the columns never change
            <Table.Th key={`${name} ${index}`} ta="right" className={index === 0 ? classes.group : undefined}>
              {column}
            </Table.Th>
          )),
        )}
      </Table.Tr>
    </Table.Thead>
  );
}
