import { Table, Tooltip } from '@mantine/core';
import { percent } from '../../lib/format.ts';
import type { LeaderboardRow } from '../../queries/lab.ts';
import suites from '../display/SuiteHead.module.css';
import { SuiteHead } from '../display/SuiteHead.tsx';
import { Delta } from './Delta.tsx';
import { Entry } from './Entry.tsx';
import classes from './Leaderboard.module.css';
import { keyOf, measures } from './measures.ts';

const difference = (
  <Tooltip label="Difference in percentage points with its 95% interval; coloured where it is more than chance">
    <span>Δ</span>
  </Tooltip>
);

/** Where there is room for columns: the rows of each protocol below its words, as ranks and numbers compare within one only. */
export function BoardTable({ rows }: { rows: readonly LeaderboardRow[] }) {
  return (
    <Table.ScrollContainer minWidth={900} visibleFrom="sm">
      <Table highlightOnHover>
        <SuiteHead
          suites={measures}
          columns={['Base', 'RiFT', difference]}
          before={
            <>
              <Table.Th rowSpan={2} ta="right" w={48}>
                #
              </Table.Th>
              <Table.Th rowSpan={2}>Network</Table.Th>
            </>
          }
        />
        <Table.Tbody>
          {rows.map((row, index) => [
            row.protocol !== rows[index - 1]?.protocol && (
              <Table.Tr key={row.protocol}>
                <Table.Th colSpan={2 + 3 * measures.length} scope="colgroup" className={classes.protocol}>
                  {row.protocol}
                </Table.Th>
              </Table.Tr>
            ),
            <Table.Tr key={keyOf(row)} data-own={!row.published || undefined} className={classes.row}>
              <Table.Td ta="right">{row.rank}</Table.Td>
              <Table.Td>
                <Entry row={row} />
              </Table.Td>
              {measures.flatMap(({ name, delta, paired }) => [
                <Table.Td key={`${name} base`} ta="right" className={suites.group}>
                  {percent(row.base[name], 2)}
                </Table.Td>,
                <Table.Td key={`${name} rift`} ta="right" fw={560}>
                  {percent(row.rift?.[name], 2)}
                </Table.Td>,
                <Table.Td key={`${name} delta`} ta="right">
                  <Delta row={row} value={row[delta]} paired={row[paired]} />
                </Table.Td>,
              ])}
            </Table.Tr>,
          ])}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
