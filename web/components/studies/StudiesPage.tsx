'use client';
import { Button } from '@mantine/core';
import { IconPlus, IconTable } from '@tabler/icons-react';
import Link from 'next/link';
import { useState } from 'react';
import { useQuery } from 'urql';
import { studies } from '../../queries/studies.ts';
import { Nothing } from '../display/Nothing.tsx';
import { Problems } from '../display/Problems.tsx';
import { useLiveRuns } from '../runs/use-live-runs.ts';
import { PageHeader } from '../shell/PageHeader.tsx';
import { PageSkeleton } from '../shell/PageSkeleton.tsx';
import { StudyList } from './StudyList.tsx';

const newStudy = (
  <Button component={Link} href="/studies/new" leftSection={<IconPlus size={16} />}>
    New study
  </Button>
);

export function StudiesPage() {
  const [after, setAfter] = useState<string | null>(null);
  const [{ data, error, fetching }, refresh] = useQuery({ query: studies, variables: { after } });
  useLiveRuns(null, () => refresh({ requestPolicy: 'network-only' }));
  const page = data?.studies;
  const next = page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  return (
    <>
      <PageHeader
        title="Studies"
        description="Grids of RiFT runs over settings and seeds, the paper's tables and figures among them."
        actions={newStudy}
      />
      <Problems error={error} title="The studies could not be listed" />
      {!page && fetching && <PageSkeleton />}
      {page?.nodes.length === 0 && (
        <Nothing
          icon={IconTable}
          title="No studies yet"
          description="A study starts a run for every combination of settings and seeds, and shows mean and spread of each beside the published number."
        />
      )}
      {page && page.nodes.length > 0 && <StudyList studies={page.nodes} />}
      {(after || next) && (
        <Button.Group mt="sm">
          <Button variant="default" disabled={!after} onClick={() => setAfter(null)}>
            Newest
          </Button>
          <Button variant="default" disabled={!next} onClick={() => setAfter(next)}>
            Older
          </Button>
        </Button.Group>
      )}
    </>
  );
}
