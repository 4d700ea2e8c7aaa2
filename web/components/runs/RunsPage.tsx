'use client';
import { Button, Group, Paper, Select, Switch, Text } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconPlus } from '@tabler/icons-react';
import Link from 'next/link';
import { useState } from 'react';
import { useQuery } from 'urql';
import { problemsOf } from '../../lib/errors.ts';
import { count } from '../../lib/format.ts';
import { projects } from '../../queries/runs.ts';
import { Problems } from '../display/Problems.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { PageSkeleton } from '../shell/PageSkeleton.tsx';
import { FilterBox } from './FilterBox.tsx';
import { NoRuns } from './NoRuns.tsx';
import { RunCards } from './RunCards.tsx';
import { RunsTable } from './RunsTable.tsx';
import { SelectionBar } from './SelectionBar.tsx';
import { useSelection } from './selection.ts';
import { useRuns } from './use-runs.ts';

const everyProject = 'Every project';

export function RunsPage() {
  const [project, setProject] = useState<string | null>(null);
  const [filter, setFilter] = useState('');
  const [deleted, setDeleted] = useState(false);
  const list = useRuns(project, filter, deleted);
  const selection = useSelection([project, filter, deleted].join('\n'));
  const [projectList] = useQuery({ query: projects });
  const { error, fetching } = list;
  const filterProblem = problemsOf(error).find(({ path }) => path.includes('filter')) ?? null;
  /** While the filter is wrong, what was listed before stays in sight. */
  const [lastPage, setLastPage] = useState(list.page);
  if (list.page && list.page !== lastPage) setLastPage(list.page);
  const page = list.page ?? (filterProblem ? lastPage : undefined);
  const empty = page !== undefined && page.totalCount === 0;
  const choices = projectList.data?.projects.nodes.map(({ name }) => name) ?? [];
  return (
    <>
      <PageHeader
        title="Runs"
        description="Everything that was trained, scored, fine-tuned and measured here."
        actions={
          <Button component={Link} href="/new" leftSection={<IconPlus size={16} />}>
            New run
          </Button>
        }
      />
      <Group gap="sm" mb="md">
        <Select
          aria-label="Project"
          data={[everyProject, ...choices]}
          value={project ?? everyProject}
          onChange={(name) => setProject(name === everyProject ? null : name)}
          searchable={choices.length > 8}
          w={{ base: '100%', sm: 200 }}
        />
        <FilterBox
          project={project}
          value={filter}
          onChange={setFilter}
          problem={filterProblem?.message ?? null}
          hints={page?.hints ?? []}
        />
        <Switch label="Deleted" checked={deleted} onChange={(event) => setDeleted(event.currentTarget.checked)} />
      </Group>
      {!filterProblem && <Problems error={error} title="The runs could not be listed" />}
      {!page && fetching && <PageSkeleton />}
      {empty && !filterProblem && <NoRuns filtered={filter !== '' || project !== null} deleted={deleted} />}
      {page && <SelectionBar runs={page.nodes} selection={selection} deleted={deleted} />}
      {page && !empty && (
        <Paper style={{ overflow: 'hidden', opacity: filterProblem ? 0.5 : 1 }}>
          <RunsTable runs={page.nodes} sorting={list.sorting} onSort={list.setSorting} selection={selection} />
          <RunCards runs={page.nodes} selection={selection} />
        </Paper>
      )}
      {page && !empty && (
        <Group justify="space-between" mt="sm">
          <Text size="sm" c="dimmed" role="status">
            {count(page.totalCount)} {page.totalCount === 1 ? 'run' : 'runs'}
          </Text>
          {(list.previous || list.next) && (
            <Group gap="xs">
              <Button variant="default" leftSection={<IconChevronLeft size={16} />} disabled={!list.previous} onClick={list.previous}>
                Previous
              </Button>
              <Button variant="default" rightSection={<IconChevronRight size={16} />} disabled={!list.next} onClick={list.next}>
                Next
              </Button>
            </Group>
          )}
        </Group>
      )}
    </>
  );
}
