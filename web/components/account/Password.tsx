'use client';
import { Alert, Button, Group, PasswordInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { type Outcome, setPassword } from '../../lib/sign-in.ts';
import { Section } from '../display/Section.tsx';

const shortest = 10;

/** A password, so that the e-mail address signs in too. */
export function Password() {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [waiting, setWaiting] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setWaiting(true);
    const answer = await setPassword(next, current);
    setWaiting(false);
    setOutcome(answer);
    if (answer.problem) return;
    setCurrent('');
    setNext('');
  };
  return (
    <Section
      title="Password"
      description={`With a password of at least ${shortest} characters you can sign in without a one-time address.`}
    >
      {outcome && (
        <Alert color={outcome.problem ? 'red' : 'teal'} mb="md" role={outcome.problem ? 'alert' : 'status'}>
          {outcome.problem ?? 'The password is set.'}
        </Alert>
      )}
      <form onSubmit={submit}>
        <Group align="flex-end" gap="sm">
          <PasswordInput
            label="Present password"
            placeholder="none, if you never set one"
            autoComplete="current-password"
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
            style={{ flex: '1 1 200px' }}
          />
          <PasswordInput
            label="New password"
            autoComplete="new-password"
            minLength={shortest}
            required
            withAsterisk={false}
            value={next}
            onChange={(event) => setNext(event.currentTarget.value)}
            style={{ flex: '1 1 200px' }}
          />
          <Button type="submit" loading={waiting} disabled={next.length < shortest}>
            Set password
          </Button>
        </Group>
      </form>
    </Section>
  );
}
