'use client';
import { Button, Group, Paper, Select, Switch, Text } from '@mantine/core';
import { IconTrophy } from '@tabler/icons-react';
import { useQuery } from 'urql';
import { count } from '../../lib/format.ts';
import { datasetWord } from '../../lib/words.ts';
import { leaderboard, system } from '../../queries/lab.ts';
import { useAddress } from '../display/address.ts';
import { Nothing } from '../display/Nothing.tsx';
import { Problems } from '../display/Problems.tsx';
import { useLiveRuns } from '../runs/use-live-runs.ts';
import { PageHeader } from '../shell/PageHeader.tsx';
import { PageSkeleton } from '../shell/PageSkeleton.tsx';
import { BoardCards } from './BoardCards.tsx';
import { BoardTable } from './BoardTable.tsx';
import { outlineOf } from './measures.ts';

const published = ['cifar10', 'cifar100', 'tinyimagenet'];
const every = 'Every protocol';

/** Only runs that have finished are ranked; the whole board is much to read. */
const changesRanks = ({ state }: { state: string }) => state === 'FINISHED';

export function LeaderboardPage() {
  const { read, write } = useAddress();
  const dataset = read('dataset') ?? 'cifar10';
  const protocol = read('protocol');
  const includePublished = read('published') !== 'no';
  const [lab] = useQuery({ query: system });
  const [{ data, error, fetching }, refresh] = useQuery({
    query: leaderboard,
    variables: { dataset, architecture: null, protocol, includePublished },
  });
  useLiveRuns(null, () => refresh({ requestPolicy: 'network-only' }), changesRanks);
  const board = data?.leaderboard;
  const outline = outlineOf(board?.rows ?? []);
  const folded = (board?.rows.length ?? 0) - outline.length;
  const rows = read('rows') === 'all' ? board?.rows : outline;
  const datasets = [...new Set([dataset, ...published, ...(lab.data?.datasets.map(({ name }) => name) ?? [])])];
  return (
    <>
      <PageHeader
        title="Leaderboard"
        description="Adversarially trained networks before and after RiFT, this lab's runs and imported checkpoints beside the published numbers. Compare rows of one protocol only."
      />
      <Group gap="sm" mb="md">
        <Select
          aria-label="Dataset"
          data={datasets.map((name) => ({ value: name, label: datasetWord(name) }))}
          value={dataset}
          onChange={(name) => name && write({ values: { dataset: name, protocol: null } })}
          w={{ base: '100%', xs: 180 }}
        />
        <Select
          aria-label="Protocol"
          data={[every, ...(board?.protocols ?? [])]}
          value={protocol ?? every}
          onChange={(name) => write({ values: { protocol: name === every ? null : name } })}
          style={{ flex: '1 1 240px' }}
          maw={{ sm: 520 }}
          comboboxProps={{ width: 'max-content', position: 'bottom-start' }}
        />
        <Switch
          label="Published numbers"
          checked={includePublished}
          onChange={(event) => write({ values: { published: event.currentTarget.checked ? null : 'no' } })}
        />
      </Group>
      <Problems error={error} title="The leaderboard could not be read" />
      {!board && fetching && <PageSkeleton />}
      {board && board.rows.length === 0 && (
        <Nothing
          icon={IconTrophy}
          title={`Nothing to rank on ${datasetWord(dataset)} yet`}
          description="A finished RiFT run on this dataset appears here with its base network, and a checkpoint that was measured by itself."
        />
      )}
      {rows && rows.length > 0 && (
        <Paper style={{ overflow: 'hidden' }}>
          <BoardTable rows={rows} />
          <BoardCards rows={rows} />
        </Paper>
      )}
      {folded > 0 && (
        <Button variant="default" mt="sm" onClick={() => write({ values: { rows: rows === outline ? 'all' : null } })}>
          {rows === outline ? `Show ${count(folded)} more published rows` : 'Fold the published rows'}
        </Button>
      )}
      {board && board.total > board.rows.length && (
        <Text size="sm" c="dimmed" mt="sm">
          The best {count(board.rows.length)} of {count(board.total)} rows. Choose a protocol to see more of its rows.
        </Text>
      )}
    </>
  );
}
