import { Button, Group, Paper, Text } from '@mantine/core';
import { IconRestore, IconTrash } from '@tabler/icons-react';
import { isLive } from '../../lib/words.ts';
import type { RunRow } from '../../queries/runs.ts';
import { Problems } from '../display/Problems.tsx';
import { Unless } from '../display/Unless.tsx';
import { useDeletion } from '../display/use-deletion.tsx';
import type { Selection } from './selection.ts';

interface SelectionBarProps {
  runs: readonly RunRow[];
  selection: Selection;
  /** Whether the runs are deleted ones. */
  deleted: boolean;
}

/** What can be done with the runs that are chosen. */
export function SelectionBar({ runs, selection, deleted }: SelectionBarProps) {
  const { remove, restore, busy, problem, refusal } = useDeletion();
  const chosen = runs.filter(({ id }) => selection.has(id));
  const live = chosen.filter(({ state }) => isLive(state)).length;
  const ended =
    live === 0 ? null : `${live === 1 ? 'One of them has not ended' : `${live} of them have not ended`}: cancel before you delete.`;
  const ids = chosen.map(({ id }) => id);
  const act = async () => {
    const done = await (deleted ? restore(ids) : remove(ids));
    if (done) selection.clear();
  };
  if (chosen.length === 0) return null;
  return (
    <Paper p="xs" mb="sm" role="toolbar" aria-label="Chosen runs">
      <Group gap="sm">
        <Text size="sm" fw={560} role="status">
          {chosen.length} chosen
        </Text>
        <Unless reason={refusal ?? ended}>
          <Button
            size="compact-md"
            variant="default"
            leftSection={deleted ? <IconRestore size={15} aria-hidden /> : <IconTrash size={15} aria-hidden />}
            loading={busy}
            onClick={act}
          >
            {deleted ? 'Restore' : 'Delete'}
          </Button>
        </Unless>
        <Button size="compact-md" variant="subtle" color="gray" onClick={selection.clear}>
          Choose none
        </Button>
        {ended && (
          <Text size="xs" c="dimmed" aria-hidden>
            {ended}
          </Text>
        )}
      </Group>
      {problem && <Problems {...problem} mb={0} />}
    </Paper>
  );
}
