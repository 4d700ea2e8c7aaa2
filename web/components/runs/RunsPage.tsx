'use client';
import { Button, Group, Paper, Switch } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import Link from 'next/link';
import { useState } from 'react';
import { problemsOf } from '../../lib/errors.ts';
import { Pager } from '../display/Pager.tsx';
import { Problems } from '../display/Problems.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { PageSkeleton } from '../shell/PageSkeleton.tsx';
import { FilterBox } from './FilterBox.tsx';
import { NoRuns } from './NoRuns.tsx';
import { ProjectSelect } from './ProjectSelect.tsx';
import { RunCards } from './RunCards.tsx';
import { RunsTable } from './RunsTable.tsx';
import { SelectionBar } from './SelectionBar.tsx';
import { useSelection } from './selection.ts';
import { pageLength, useRuns } from './use-runs.ts';

export function RunsPage() {
  const list = useRuns();
  const { project, filter, deleted, error, fetching } = list;
  const selection = useSelection([project, filter, deleted].join('\n'));
  const filterProblem = problemsOf(error).find(({ path }) => path.includes('filter')) ?? null;
  /** While the filter is wrong, what was listed before stays in sight. */
  const [lastPage, setLastPage] = useState(list.page);
  if (list.page && list.page !== lastPage) setLastPage(list.page);
  const page = list.page ?? (filterProblem ? lastPage : undefined);
  const empty = page !== undefined && page.totalCount === 0;
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
        <ProjectSelect key={project} value={project} onChange={list.chooseProject} />
        <FilterBox
          project={project}
          value={filter}
          onChange={list.chooseFilter}
          problem={filterProblem?.message ?? null}
          hints={page?.hints ?? []}
        />
        <Switch label="Deleted" checked={deleted} onChange={(event) => list.showDeleted(event.currentTarget.checked)} />
      </Group>
      {!filterProblem && <Problems error={error} title="The runs could not be listed" />}
      {!page && fetching && <PageSkeleton />}
      {empty && !filterProblem && <NoRuns filtered={filter !== '' || project !== null || list.paging.number > 1} deleted={deleted} />}
      {page && <SelectionBar runs={page.nodes} selection={selection} deleted={deleted} />}
      {page && !empty && (
        <Paper style={{ overflow: 'hidden', opacity: filterProblem ? 0.5 : 1 }}>
          <RunsTable runs={page.nodes} sorting={list.sorting} onSort={list.sort} selection={selection} />
          <RunCards runs={page.nodes} selection={selection} />
        </Paper>
      )}
      {page && !empty && (
        <Pager
          paging={list.paging}
          settled={list.settled}
          length={pageLength}
          shown={page.nodes.length}
          total={page.totalCount}
          noun={['run', 'runs']}
          end={page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null}
        />
      )}
    </>
  );
}
