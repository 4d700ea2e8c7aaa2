import { Box, Text } from '@mantine/core';
import { percent } from '../../lib/format.ts';
import type { LeaderboardRow } from '../../queries/lab.ts';
import { Delta } from './Delta.tsx';
import { Entry } from './Entry.tsx';
import classes from './Leaderboard.module.css';
import { keyOf, measures } from './measures.ts';

/** On a phone: the rows of each protocol below its words, as in the table. */
export function BoardCards({ rows }: { rows: readonly LeaderboardRow[] }) {
  return (
    <Box hiddenFrom="sm" component="ol" m={0} p={0} style={{ listStyle: 'none' }}>
      {rows.map((row, index) => (
        <li key={keyOf(row)} className={classes.card}>
          {row.protocol !== rows[index - 1]?.protocol && <div className={classes.protocol}>{row.protocol}</div>}
          <Entry row={row} ranked />
          <dl className={classes.cells}>
            {measures.map(({ name, short, delta, paired }) => (
              <div key={name}>
                <Text size="xs" c="dimmed" component="dt">
                  {short}
                </Text>
                <Text size="sm" component="dd" m={0}>
                  {percent(row.rift?.[name] ?? row.base[name])}{' '}
                  {row[delta] !== null && <Delta row={row} value={row[delta]} paired={row[paired]} />}
                </Text>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </Box>
  );
}
