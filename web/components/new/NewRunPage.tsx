'use client';
import { Alert, Anchor } from '@mantine/core';
import Link from 'next/link';
import { useSearchParams } from 'next/navigation';
import { useMemo } from 'react';
import { useQuery } from 'urql';
import { startMutations, tableOf } from '../../lib/form/types.ts';
import { projects } from '../../queries/runs.ts';
import { inputTypes, runToRepeat } from '../../queries/start.ts';
import { Problems } from '../display/Problems.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { PageSkeleton } from '../shell/PageSkeleton.tsx';
import { useSystem } from '../system/use-system.ts';
import { StartForm } from './StartForm.tsx';

/** Loads what the forms are made from: the API's own input types, and what can be chosen. */
export function NewRunPage() {
  const from = useSearchParams().get('from');
  const [schema] = useQuery({ query: inputTypes, requestPolicy: 'cache-first' });
  const [lab] = useSystem();
  const [projectList] = useQuery({ query: projects, variables: { search: null } });
  const [earlier] = useQuery({ query: runToRepeat, variables: { id: from ?? '' }, pause: !from, requestPolicy: 'network-only' });
  const types = useMemo(() => schema.data && tableOf(schema.data.__schema.types), [schema.data]);
  const starts = useMemo(() => (types ? startMutations(types) : []), [types]);
  const error = schema.error ?? lab.error ?? projectList.error;
  const ready = types && lab.data && projectList.data && (!from || earlier.data || earlier.error);
  const repeated = earlier.data?.run ?? null;
  return (
    <>
      <PageHeader
        title="New run"
        description={
          repeated ? (
            `With the settings of ${repeated.name}.`
          ) : (
            <>
              What you leave empty takes the value shown in grey: the paper's, but where the field says otherwise. Weights from elsewhere
              are{' '}
              <Anchor component={Link} href="/checkpoints/import" size="sm" underline="always">
                imported
              </Anchor>{' '}
              first.
            </>
          )
        }
      />
      <Problems error={error} title="The form could not be made" />
      {from && earlier.data && !repeated && <Alert color="yellow" title="The run whose settings you wanted is gone" mb="md" />}
      {!ready && !error && <PageSkeleton />}
      {ready && (
        <StartForm
          key={from ?? 'fresh'}
          types={types}
          starts={starts}
          repeated={repeated}
          projects={projectList.data?.projects.nodes.map(({ name }) => name) ?? []}
          datasets={lab.data?.datasets ?? []}
          devices={lab.data?.devices ?? []}
        />
      )}
    </>
  );
}
