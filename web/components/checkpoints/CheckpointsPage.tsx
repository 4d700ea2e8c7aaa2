'use client';
import { Anchor, Box, Button, Group, Paper, Table, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconDatabaseImport, IconDownload, IconSearch, IconStack2 } from '@tabler/icons-react';
import Link from 'next/link';
import { useState } from 'react';
import { useClient, useQuery } from 'urql';
import { accuracyOf } from '../../lib/attacks.ts';
import { nameFilter } from '../../lib/filter.ts';
import { bytes, compact, percent } from '../../lib/format.ts';
import { datasetWord, together, variantWord } from '../../lib/words.ts';
import { type CheckpointRow, checkpoints, checkpointsBefore } from '../../queries/checkpoints.ts';
import { useAddress } from '../display/address.ts';
import { Nothing } from '../display/Nothing.tsx';
import { Pager } from '../display/Pager.tsx';
import { Problems } from '../display/Problems.tsx';
import { firstPage, placeBefore, usePaging } from '../display/paging.ts';
import { Time } from '../display/Time.tsx';
import { useLiveRuns } from '../runs/use-live-runs.ts';
import { PageHeader } from '../shell/PageHeader.tsx';
import { PageSkeleton } from '../shell/PageSkeleton.tsx';

const pageLength = 50;

export function CheckpointsPage() {
  const { read, write } = useAddress();
  const text = read('search') ?? '';
  const [search, setSearch] = useState(text);
  const [shown, setShown] = useState(text);
  if (text !== shown) {
    setShown(text);
    if (text !== search.trim()) setSearch(text);
  }
  const apply = useDebouncedCallback((next: string) => write({ values: { search: next.trim(), ...firstPage }, replace: text !== '' }), 300);
  const client = useClient();
  const paging = usePaging(text, async (before) => {
    const answer = await client.query(checkpointsBefore, { filter: nameFilter(text), last: pageLength, before }).toPromise();
    return placeBefore(
      answer.data?.checkpoints.edges.map(({ cursor }) => cursor),
      pageLength,
    );
  });
  const [{ data, error, fetching, operation }, refresh] = useQuery({
    query: checkpoints,
    variables: { filter: nameFilter(text), first: pageLength, after: paging.after },
  });
  useLiveRuns(null, () => refresh({ requestPolicy: 'network-only' }));
  const page = data?.checkpoints;
  return (
    <>
      <PageHeader
        title="Checkpoints"
        description="Stored weights: trained here, fine-tuned, interpolated, imported."
        actions={
          <Button component={Link} href="/checkpoints/import" leftSection={<IconDatabaseImport size={16} />}>
            Import
          </Button>
        }
      />
      <TextInput
        aria-label="Search by name"
        placeholder="Search by name"
        leftSection={<IconSearch size={16} stroke={1.7} aria-hidden />}
        value={search}
        maxLength={200}
        onChange={(event) => {
          setSearch(event.currentTarget.value);
          apply(event.currentTarget.value);
        }}
        maw={360}
        mb="md"
      />
      <Problems error={error} title="The checkpoints could not be listed" />
      {!page && fetching && <PageSkeleton />}
      {page && page.nodes.length === 0 && (
        <Nothing
          icon={IconStack2}
          title={text ? 'No checkpoint has this name' : 'No checkpoints yet'}
          description="Runs that train, fine-tune or interpolate store their weights here. Weights from elsewhere are imported."
        />
      )}
      {page && page.nodes.length > 0 && (
        <>
          <Paper style={{ overflow: 'hidden' }}>
            <CheckpointTable rows={page.nodes} />
            <CheckpointCards rows={page.nodes} />
          </Paper>
          <Pager
            paging={paging}
            settled={operation?.variables.after === paging.after}
            length={pageLength}
            shown={page.nodes.length}
            total={page.totalCount}
            noun={['checkpoint', 'checkpoints']}
            end={page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null}
          />
        </>
      )}
    </>
  );
}

function Accuracy({ row, suite }: { row: CheckpointRow; suite: string }) {
  const found = accuracyOf(row.evaluations, suite);
  return (
    <span title={found?.protocol}>
      {percent(found?.accuracy)}
      {found?.trust === 'SUSPECT' && ' (suspect)'}
    </span>
  );
}

function Name({ row }: { row: CheckpointRow }) {
  return (
    <>
      <Anchor
        component={Link}
        href={`/checkpoints/${row.id}`}
        fw={560}
        size="sm"
        c="var(--mantine-color-text)"
        style={{ overflowWrap: 'anywhere' }}
      >
        {row.name}
      </Anchor>
      {row.producedBy && (
        <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          from{' '}
          <Anchor component={Link} href={`/runs/${row.producedBy.id}`} size="xs" c="dimmed" underline="always">
            {row.producedBy.name}
          </Anchor>
        </Text>
      )}
    </>
  );
}

function Download({ row }: { row: CheckpointRow }) {
  return (
    <Button
      component="a"
      href={row.url}
      download
      variant="default"
      size="compact-sm"
      leftSection={<IconDownload size={14} />}
      aria-label={`Download ${row.name}, ${bytes(row.bytes)}`}
      style={{ flex: 'none' }}
    >
      {bytes(row.bytes)}
    </Button>
  );
}

function CheckpointTable({ rows }: { rows: readonly CheckpointRow[] }) {
  return (
    <Table.ScrollContainer minWidth={860} visibleFrom="sm">
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Network</Table.Th>
            <Table.Th>Dataset</Table.Th>
            <Table.Th ta="right">Parameters</Table.Th>
            <Table.Th ta="right">Standard</Table.Th>
            <Table.Th ta="right">Robust</Table.Th>
            <Table.Th ta="right">Stored</Table.Th>
            <Table.Th ta="right">Safetensors</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.id}>
              <Table.Td>
                <Name row={row} />
              </Table.Td>
              <Table.Td>
                {row.network}
                <Text size="xs" c="dimmed">
                  {together(variantWord(row.variant))}
                </Text>
              </Table.Td>
              <Table.Td>{datasetWord(row.dataset)}</Table.Td>
              <Table.Td ta="right">{compact(row.parameters)}</Table.Td>
              <Table.Td ta="right">
                <Accuracy row={row} suite="STANDARD" />
              </Table.Td>
              <Table.Td ta="right">
                <Accuracy row={row} suite="ADVERSARIAL" />
              </Table.Td>
              <Table.Td ta="right">
                <Time at={row.createdAt} />
              </Table.Td>
              <Table.Td ta="right">
                <Download row={row} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function CheckpointCards({ rows }: { rows: readonly CheckpointRow[] }) {
  return (
    <Box hiddenFrom="sm" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
      {rows.map((row, index) => (
        <Box component="li" key={row.id} p="md" style={{ borderTop: index > 0 ? '1px solid var(--line)' : undefined }}>
          <Group justify="space-between" wrap="nowrap" align="flex-start">
            <div style={{ minWidth: 0 }}>
              <Name row={row} />
            </div>
            <Download row={row} />
          </Group>
          <Text size="xs" c="dimmed" mt={6}>
            {together(row.network, variantWord(row.variant), datasetWord(row.dataset), `${compact(row.parameters)} parameters`)}
          </Text>
          <Text size="sm" mt={4}>
            {row.evaluations.length === 0 ? (
              'Not measured'
            ) : (
              <>
                Standard <Accuracy row={row} suite="STANDARD" /> · robust <Accuracy row={row} suite="ADVERSARIAL" />
              </>
            )}
          </Text>
        </Box>
      ))}
    </Box>
  );
}
