'use client';
import { Checkbox, Table, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '@tabler/icons-react';
import { flexRender, getCoreRowModel, type Header, type SortingState, useReactTable } from '@tanstack/react-table';
import type { RunRow } from '../../queries/runs.ts';
import { columns, numeric } from './columns.tsx';
import classes from './Runs.module.css';
import type { Selection } from './selection.ts';

interface RunsTableProps {
  runs: RunRow[];
  sorting: SortingState;
  onSort(sorting: SortingState): void;
  selection: Selection;
}

/** The runs of one page; the server has sorted them. */
export function RunsTable({ runs, sorting, onSort, selection }: RunsTableProps) {
  const table = useReactTable({
    data: runs,
    columns,
    state: { sorting },
    manualSorting: true,
    enableSortingRemoval: false,
    sortDescFirst: true,
    getRowId: (run) => run.id,
    onSortingChange: (next) => onSort(typeof next === 'function' ? next(sorting) : next),
    getCoreRowModel: getCoreRowModel(),
  });
  const ids = runs.map(({ id }) => id);
  const chosen = ids.filter((id) => selection.has(id)).length;
  return (
    <Table.ScrollContainer minWidth={880} visibleFrom="sm">
      <Table highlightOnHover>
        <Table.Thead>
          {table.getHeaderGroups().map((group) => (
            <Table.Tr key={group.id}>
              <Table.Th w={36}>
                <Checkbox
                  size="xs"
                  aria-label="Choose every run of this page"
                  checked={ids.length > 0 && chosen === ids.length}
                  indeterminate={chosen > 0 && chosen < ids.length}
                  onChange={() => selection.toggleAll(ids)}
                />
              </Table.Th>
              {group.headers.map((header) => (
                <HeaderCell key={header.id} header={header} />
              ))}
            </Table.Tr>
          ))}
        </Table.Thead>
        <Table.Tbody>
          {table.getRowModel().rows.map((row) => (
            <Table.Tr key={row.id} bg={selection.has(row.id) ? 'var(--mantine-primary-color-light)' : undefined}>
              <Table.Td>
                <Checkbox
                  size="xs"
                  aria-label={`Choose ${row.original.name}`}
                  checked={selection.has(row.id)}
                  onChange={() => selection.toggle(row.id)}
                />
              </Table.Td>
              {row.getVisibleCells().map((cell) => (
                <Table.Td key={cell.id} className={numeric.has(cell.column.id) ? classes.numeric : undefined}>
                  {flexRender(cell.column.columnDef.cell, cell.getContext())}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const directions = { asc: 'ascending', desc: 'descending' } as const;

function HeaderCell({ header }: { header: Header<RunRow, unknown> }) {
  const sorted = header.column.getIsSorted();
  const Icon = sorted === 'asc' ? IconArrowUp : sorted === 'desc' ? IconArrowDown : IconArrowsSort;
  return (
    <Table.Th
      aria-sort={sorted ? directions[sorted] : 'none'}
      className={numeric.has(header.id) ? `${classes.head} ${classes.numeric}` : classes.head}
    >
      <UnstyledButton onClick={header.column.getToggleSortingHandler()} className={classes.sort} data-sorted={sorted || undefined}>
        {flexRender(header.column.columnDef.header, header.getContext())}
        <Icon size={13} stroke={2} aria-hidden />
      </UnstyledButton>
    </Table.Th>
  );
}
