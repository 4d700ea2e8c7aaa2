'use client';
import { Alert, Button, Group, Select, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useMutation } from 'urql';
import { spaced } from '../../lib/words.ts';
import { inviteUser } from '../../queries/lab.ts';
import { CodeBlock } from '../display/CodeBlock.tsx';
import { Problems } from '../display/Problems.tsx';
import { Section } from '../display/Section.tsx';

const roles = ['VIEWER', 'MEMBER', 'ADMIN'] as const;

/** Adds a person to the lab; the address that signs them in is handed over by hand. */
export function Invite() {
  const [{ data, error, fetching }, invite] = useMutation(inviteUser);
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<(typeof roles)[number]>('MEMBER');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const answer = await invite({ name: name.trim(), email: email.trim(), role });
    if (answer.error) return;
    setName('');
    setEmail('');
  };
  return (
    <Section title="Invite someone" description="They sign in with the address that you hand them, and set a password then.">
      <Problems error={error} title="The invitation was not made" />
      {data && (
        <Alert color="teal" title={`Address for ${data.inviteUser.user.name}`} mb="md">
          <Text size="sm" mb="xs">
            It works once.
          </Text>
          <CodeBlock code={data.inviteUser.address} what="address" />
        </Alert>
      )}
      <form onSubmit={submit}>
        <Group align="flex-end" gap="sm">
          <TextInput
            label="Name"
            required
            withAsterisk={false}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            style={{ flex: '1 1 160px' }}
          />
          <TextInput
            label="E-mail"
            type="email"
            required
            withAsterisk={false}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            style={{ flex: '1 1 200px' }}
          />
          <Select
            label="Role"
            w={120}
            data={roles.map((value) => ({ value, label: spaced(value) }))}
            value={role}
            onChange={(value) => setRole((value ?? role) as typeof role)}
          />
          <Button type="submit" loading={fetching}>
            Invite
          </Button>
        </Group>
      </form>
    </Section>
  );
}
