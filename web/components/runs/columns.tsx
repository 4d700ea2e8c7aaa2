import { Anchor, Group, Progress, Text } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import Link from 'next/link';
import { duration, percent } from '../../lib/format.ts';
import { differenceText, lastText } from '../../lib/metric.ts';
import { aheadWord, datasetWord, kindWord, networkWord, stageWord, together, variantWord } from '../../lib/words.ts';
import type { RunRow } from '../../queries/runs.ts';
import { useStaleSince } from '../display/connection.ts';
import { StateBadge } from '../display/StateBadge.tsx';
import { QueuedFor, Time } from '../display/Time.tsx';

const column = createColumnHelper<RunRow>();

export const paramOf = (run: RunRow, key: string) => run.params.find((param) => param.key === key)?.value;
const metricOf = (run: RunRow, key: string) => run.metrics.find((metric) => metric.key === key);

/** Where a run stands: its state, and while it runs its stage, share done and time left. */
export function RunStanding({ run }: { run: RunRow }) {
  const stale = useStaleSince() !== null;
  if (run.state !== 'RUNNING') return <StateBadge state={run.state} />;
  const stage = run.stages.find(({ state }) => state === 'RUNNING');
  const { fraction, etaSeconds } = run.progress;
  return (
    <div style={{ minWidth: 148 }}>
      <Group gap={6} wrap="nowrap" justify="space-between">
        <StateBadge state={run.state} />
        <Text size="xs" c="dimmed">
          {percent(fraction, 0)}
        </Text>
      </Group>
      <Progress value={fraction * 100} size={4} mt={5} aria-label={`${run.name}: ${percent(fraction, 0)} done`} />
      <Text size="xs" c="dimmed" mt={3} truncate>
        {stage ? stageWord(stage.name) : 'Between stages'}
        {etaSeconds != null && !stale && ` · ${duration(etaSeconds)} left`}
      </Text>
    </div>
  );
}

/** An accuracy on the test split and, for RiFT, the base network's beside it; one that failed a sanity check says so instead. */
export function Result({ run, name }: { run: RunRow; name: 'standard' | 'robust' }) {
  const value = metricOf(run, name);
  const base = metricOf(run, `base.${name}`);
  const suspect = metricOf(run, `suspect.${name}`);
  if (suspect)
    return (
      <Text size="sm" c="var(--mantine-color-error)" title="It failed a sanity check: the run’s page says which.">
        {lastText(suspect)} (suspect)
      </Text>
    );
  if (value === undefined) return <Text c="dimmed">–</Text>;
  return (
    <div>
      <Text size="sm" fw={560} c={value.special === null ? undefined : 'var(--mantine-color-error)'}>
        {lastText(value)}
      </Text>
      {base !== undefined && (
        <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          {differenceText(value, base) ?? ''} from {lastText(base)}
        </Text>
      )}
    </div>
  );
}

/** When it was asked for; of a run that waits, for how long and for how many others. */
export function Created({ run }: { run: RunRow }) {
  if (run.state !== 'QUEUED') return <Time at={run.createdAt} />;
  return (
    <div>
      {run.startedAt ? (
        'Waiting again'
      ) : (
        <>
          Queued <QueuedFor since={run.createdAt} />
        </>
      )}
      {run.runsAhead !== null && (
        <Text size="xs" c="dimmed">
          {aheadWord(run.runsAhead)}
        </Text>
      )}
    </div>
  );
}

export function RunLink({ run }: { run: RunRow }) {
  return (
    <Anchor component={Link} href={`/runs/${run.id}`} fw={560} size="sm" c="var(--mantine-color-text)" style={{ overflowWrap: 'anywhere' }}>
      {run.name}
    </Anchor>
  );
}

/** The id of a column that can be sorted is what the server orders by. */
export const columns = [
  column.accessor('state', { id: 'state', header: 'State', cell: ({ row }) => <RunStanding run={row.original} /> }),
  column.accessor('name', {
    id: 'name',
    header: 'Run',
    cell: ({ row }) => (
      <>
        <RunLink run={row.original} />
        <Text size="xs" c="dimmed">
          {kindWord(row.original.kind)} · {row.original.project.name}
        </Text>
      </>
    ),
  }),
  column.accessor((run) => paramOf(run, 'architecture'), {
    id: 'params.architecture',
    header: 'Network',
    cell: ({ row }) => (
      <>
        <Text size="sm">{networkWord((key) => paramOf(row.original, key))}</Text>
        <Text size="xs" c="dimmed">
          {together(variantWord(paramOf(row.original, 'variant')))}
        </Text>
      </>
    ),
  }),
  column.accessor((run) => paramOf(run, 'dataset'), {
    id: 'params.dataset',
    header: 'Dataset',
    cell: ({ getValue }) => <span style={{ whiteSpace: 'nowrap' }}>{datasetWord(getValue())}</span>,
  }),
  column.accessor((run) => metricOf(run, 'standard'), {
    id: 'metrics.standard',
    header: 'Standard',
    cell: ({ row }) => <Result run={row.original} name="standard" />,
  }),
  column.accessor((run) => metricOf(run, 'robust'), {
    id: 'metrics.robust',
    header: 'Robust',
    cell: ({ row }) => <Result run={row.original} name="robust" />,
  }),
  column.accessor('createdAt', {
    id: 'created',
    header: 'Created',
    cell: ({ row }) => <Created run={row.original} />,
  }),
];

export const numeric = new Set(['metrics.standard', 'metrics.robust', 'created']);
