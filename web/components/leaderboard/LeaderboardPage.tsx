'use client';
import { Anchor, Box, EmptyState, Group, Paper, Select, Switch, Table, Text, Tooltip } from '@mantine/core';
import { IconTrophy } from '@tabler/icons-react';
import Link from 'next/link';
import { useQuery } from 'urql';
import { labelledAttack } from '../../lib/attacks.ts';
import { count, percent, points } from '../../lib/format.ts';
import { architectureWord, datasetWord, variantWord } from '../../lib/words.ts';
import { type LeaderboardRow, leaderboard, system } from '../../queries/lab.ts';
import { useAddress } from '../display/address.ts';
import { Problems } from '../display/Problems.tsx';
import { Suspect } from '../display/Suspect.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { PageSkeleton } from '../shell/PageSkeleton.tsx';
import classes from './Leaderboard.module.css';

const published = ['cifar10', 'cifar100', 'tinyimagenet'];
const every = 'Every protocol';

export function LeaderboardPage() {
  const { read, write } = useAddress();
  const dataset = read('dataset') ?? 'cifar10';
  const protocol = read('protocol');
  const includePublished = read('published') !== 'no';
  const [lab] = useQuery({ query: system });
  const [{ data, error, fetching }] = useQuery({
    query: leaderboard,
    variables: { dataset, architecture: null, protocol, includePublished },
  });
  const board = data?.leaderboard;
  const datasets = [...new Set([dataset, ...published, ...(lab.data?.datasets.map(({ name }) => name) ?? [])])];
  return (
    <>
      <PageHeader
        title="Leaderboard"
        description="Adversarially trained networks before and after RiFT, this lab's runs beside the published numbers. Compare rows of one protocol only."
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
        <Paper p="xl">
          <EmptyState
            icon={<IconTrophy size={40} stroke={1.4} />}
            title={`Nothing to rank on ${datasetWord(dataset)} yet`}
            description="A finished RiFT run on this dataset appears here with its base network."
          />
        </Paper>
      )}
      {board && board.rows.length > 0 && (
        <Paper style={{ overflow: 'hidden' }}>
          <BoardTable rows={board.rows} />
          <BoardCards rows={board.rows} />
        </Paper>
      )}
      {board && board.total > board.rows.length && (
        <Text size="sm" c="dimmed" mt="sm">
          The best {count(board.rows.length)} of {count(board.total)} rows. Choose a protocol to see more of its rows.
        </Text>
      )}
    </>
  );
}

const keyOf = ({ rank, architecture, variant, run, source, protocol }: LeaderboardRow) =>
  [rank, architecture, variant, run?.id ?? source, protocol].join(' ');

type Paired = LeaderboardRow['pairedStandard'];

/** What a difference rests on, in words. */
function basis({ images, onlyFirst, onlySecond, low, high, pValue }: NonNullable<Paired>): string {
  const chance = pValue < 0.001 ? 'p < 0.001' : `p = ${pValue.toFixed(3)}`;
  return `Of ${count(images)} images RiFT got ${count(onlySecond)} right that the base got wrong, and ${count(onlyFirst)} wrong that it got right. 95% interval ${points(low, 2)} to ${points(high, 2)} points, ${chance} (McNemar, exact).`;
}

/** A difference in points with its interval; coloured only where it is more than chance and both numbers can be trusted. */
function Delta({ row, value, paired }: { row: LeaderboardRow; value: number | null; paired: Paired }) {
  if (value === null || !paired) return <span className={classes.delta}>{points(value, 2)}</span>;
  const isSuspect = row.base.trust === 'SUSPECT' || row.rift?.trust === 'SUSPECT';
  const isCertain = !isSuspect && paired.pValue < 0.05 && paired.low * paired.high > 0;
  return (
    <Tooltip label={basis(paired)} maw={380} events={{ hover: true, focus: true, touch: true }}>
      <button
        type="button"
        className={classes.delta}
        data-tone={isCertain ? (value > 0 ? 'up' : 'down') : undefined}
        aria-label={`${points(value, 2)} points. ${basis(paired)}`}
      >
        {points(value, 2)}
        <small>
          {points(paired.low)} to {points(paired.high)}
        </small>
      </button>
    </Tooltip>
  );
}

/** Says which of a row's numbers failed a sanity check. */
function Trusted({ row }: { row: LeaderboardRow }) {
  return (
    <>
      <Suspect trust={row.base.trust} findings={['Base:', ...row.base.findings]} />
      {row.rift && <Suspect trust={row.rift.trust} findings={['RiFT:', ...row.rift.findings]} />}
    </>
  );
}

function Origin({ row }: { row: LeaderboardRow }) {
  if (row.run)
    return (
      <Anchor component={Link} href={`/runs/${row.run.id}`} size="xs" style={{ overflowWrap: 'anywhere' }}>
        {row.run.name}
      </Anchor>
    );
  if (row.link?.startsWith('https://'))
    return (
      <Anchor href={row.link} target="_blank" rel="noreferrer" size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        {row.source}
      </Anchor>
    );
  return (
    <Text size="xs" c="dimmed">
      {row.source ?? 'Published'}
    </Text>
  );
}

/** What is left under attacks that rank nothing: AutoAttack, and what else was measured. */
function OtherAttacks({ row }: { row: LeaderboardRow }) {
  const names = [...new Set([...row.base.attacks, ...(row.rift?.attacks ?? [])].map(({ attack }) => attack))];
  const shown = (cell: LeaderboardRow['base'] | LeaderboardRow['rift'], name: string) => {
    const found = cell?.attacks.find(({ attack }) => attack === name);
    return found && `${percent(found.accuracy, 2)}${found.trust === 'SUSPECT' ? ' (suspect)' : ''}`;
  };
  return names.map((name) => (
    <Text key={name} size="xs" c="dimmed">
      {labelledAttack(name)}: {[shown(row.base, name), shown(row.rift, name)].filter(Boolean).join(', RiFT ')}
    </Text>
  ));
}

const measures = [
  { name: 'standard', label: 'Standard', short: 'Standard', delta: 'deltaStandard', paired: 'pairedStandard' },
  { name: 'ood', label: 'Out of distribution', short: 'OOD', delta: 'deltaOod', paired: 'pairedOod' },
  { name: 'robust', label: 'Robust', short: 'Robust', delta: 'deltaRobust', paired: 'pairedRobust' },
] as const;

function BoardTable({ rows }: { rows: readonly LeaderboardRow[] }) {
  return (
    <Table.ScrollContainer minWidth={1060} visibleFrom="sm">
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th rowSpan={2} ta="right" w={48}>
              #
            </Table.Th>
            <Table.Th rowSpan={2}>Network</Table.Th>
            {measures.map(({ name, label }) => (
              <Table.Th key={name} colSpan={3} ta="center" className={classes.group}>
                {label}
              </Table.Th>
            ))}
            <Table.Th rowSpan={2}>Protocol</Table.Th>
          </Table.Tr>
          <Table.Tr>
            {measures.flatMap(({ name }) => [
              <Table.Th key={`${name} base`} ta="right" className={classes.group}>
                Base
              </Table.Th>,
              <Table.Th key={`${name} rift`} ta="right">
                RiFT
              </Table.Th>,
              <Table.Th key={`${name} delta`} ta="right">
                <Tooltip label="Difference in percentage points with its 95% interval; coloured where it is more than chance">
                  <span>Δ</span>
                </Tooltip>
              </Table.Th>,
            ])}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={keyOf(row)} data-own={!row.published || undefined} className={classes.row}>
              <Table.Td ta="right">{row.rank}</Table.Td>
              <Table.Td>
                <Text size="sm" fw={550}>
                  {architectureWord(row.architecture)} · {variantWord(row.variant)}
                </Text>
                <Origin row={row} />
                <Trusted row={row} />
                <OtherAttacks row={row} />
              </Table.Td>
              {measures.flatMap(({ name, delta, paired }) => [
                <Table.Td key={`${name} base`} ta="right" className={classes.group}>
                  {percent(row.base[name], 2)}
                </Table.Td>,
                <Table.Td key={`${name} rift`} ta="right" fw={560}>
                  {percent(row.rift?.[name], 2)}
                </Table.Td>,
                <Table.Td key={`${name} delta`} ta="right">
                  <Delta row={row} value={row[delta]} paired={row[paired]} />
                </Table.Td>,
              ])}
              <Table.Td maw={220} miw={180}>
                <Text size="xs" c="dimmed" lineClamp={4} title={row.protocol}>
                  {row.protocol}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function BoardCards({ rows }: { rows: readonly LeaderboardRow[] }) {
  return (
    <Box hiddenFrom="sm" component="ol" m={0} p={0} style={{ listStyle: 'none' }}>
      {rows.map((row) => (
        <li key={keyOf(row)} className={classes.card}>
          <Text size="sm" fw={600}>
            {row.rank}. {architectureWord(row.architecture)} · {variantWord(row.variant)}
          </Text>
          <Origin row={row} />
          <Trusted row={row} />
          <OtherAttacks row={row} />
          <dl className={classes.cells}>
            {measures.map(({ name, short, delta, paired }) => (
              <div key={name}>
                <Text size="xs" c="dimmed" component="dt">
                  {short}
                </Text>
                <Text size="sm" component="dd" m={0}>
                  {percent(row.rift?.[name] ?? row.base[name])} <Delta row={row} value={row[delta]} paired={row[paired]} />
                </Text>
              </div>
            ))}
          </dl>
          <Text size="xs" c="dimmed" lineClamp={3}>
            {row.protocol}
          </Text>
        </li>
      ))}
    </Box>
  );
}
