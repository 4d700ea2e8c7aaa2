'use client';
import { Alert, Stack } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { type Invitation, people } from '../../queries/people.ts';
import { Problems } from '../display/Problems.tsx';
import { useRefusal } from '../display/Unless.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { PageSkeleton } from '../shell/PageSkeleton.tsx';
import { Invite } from './Invite.tsx';
import { NewAddress } from './NewAddress.tsx';
import { PeopleTable } from './PeopleTable.tsx';

/** The members of the lab, for administrators. */
export function PeoplePage() {
  const refusal = useRefusal('ADMIN');
  return (
    <>
      <PageHeader title="People" description="Who belongs to the lab, what they may do, and how they get in." />
      {refusal === undefined && <PageSkeleton />}
      {refusal === null && <Members />}
      {refusal && (
        <Alert color="gray" icon={<IconLock size={18} />} title="Administrators manage people">
          {refusal}
        </Alert>
      )}
    </>
  );
}

function Members() {
  const [{ data, error, fetching }] = useQuery({ query: people });
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  return (
    <Stack gap="lg">
      <Problems error={error} title="The people could not be read" />
      {!data && fetching && <PageSkeleton />}
      {data && (
        <>
          {invitation && <NewAddress invitation={invitation} />}
          <PeopleTable people={data.users} own={data.viewer.id} onAddress={setInvitation} />
          <Invite onAddress={setInvitation} />
        </>
      )}
    </Stack>
  );
}
