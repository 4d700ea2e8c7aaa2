import { Box, Checkbox, Group, Text } from '@mantine/core';
import { datasetWord, kindWord, networkWord, together, variantWord } from '../../lib/words.ts';
import type { RunRow } from '../../queries/runs.ts';
import { Created, paramOf, Result, RunLink, RunStanding } from './columns.tsx';
import classes from './Runs.module.css';
import type { Selection } from './selection.ts';

/** The runs of one page on a narrow screen. */
export function RunCards({ runs, selection }: { runs: RunRow[]; selection: Selection }) {
  return (
    <Box hiddenFrom="sm" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
      {runs.map((run) => (
        <li key={run.id} className={classes.card}>
          <Group gap="xs" wrap="nowrap" align="flex-start">
            <Checkbox
              size="sm"
              aria-label={`Choose ${run.name}`}
              checked={selection.has(run.id)}
              onChange={() => selection.toggle(run.id)}
            />
            <RunLink run={run} />
          </Group>
          <Text size="xs" c="dimmed">
            {together(
              kindWord(run.kind),
              networkWord((key) => paramOf(run, key)),
              variantWord(paramOf(run, 'variant')),
              datasetWord(paramOf(run, 'dataset')),
            )}
          </Text>
          <div className={classes.standing}>
            <div>
              <RunStanding run={run} />
            </div>
            <Text size="xs" c="dimmed" component="div" ta="right">
              <Created run={run} />
            </Text>
          </div>
          {run.metrics.length > 0 && (
            <div className={classes.results}>
              {(['standard', 'robust'] as const).map((name) => (
                <div key={name}>
                  <Text size="xs" c="dimmed">
                    {name === 'standard' ? 'Standard' : 'Robust'}
                  </Text>
                  <Result run={run} name={name} />
                </div>
              ))}
            </div>
          )}
        </li>
      ))}
    </Box>
  );
}
