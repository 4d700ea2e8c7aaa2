'use client';
import { Paper, Stack } from '@mantine/core';
import { useQuery } from 'urql';
import { spaced } from '../../lib/words.ts';
import { viewer } from '../../queries/lab.ts';
import { Fact } from '../display/Fact.tsx';
import { Problems } from '../display/Problems.tsx';
import runClasses from '../run/Run.module.css';
import { PageHeader } from '../shell/PageHeader.tsx';
import { PageSkeleton } from '../shell/PageSkeleton.tsx';
import { Password } from './Password.tsx';
import { Tokens } from './Tokens.tsx';

export function AccountPage() {
  const [{ data, error, fetching }] = useQuery({ query: viewer });
  const person = data?.viewer;
  return (
    <>
      <PageHeader title="Account" description="Who you are here, and the tokens of your scripts." />
      <Problems error={error} title="The account could not be read" />
      {!person && fetching && <PageSkeleton />}
      {person && (
        <Stack gap="lg">
          <Paper component="dl" className={runClasses.facts} m={0} px="lg" py="md">
            <Fact label="Name">{person.name}</Fact>
            <Fact label="E-mail">{person.email ?? '–'}</Fact>
            <Fact label="Role">{spaced(person.role)}</Fact>
          </Paper>
          <Tokens person={person} />
          <Password />
        </Stack>
      )}
    </>
  );
}
