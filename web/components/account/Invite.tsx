'use client';
import { Button, Group, Select, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useMutation } from 'urql';
import { type Role, roles } from '../../lib/roles.ts';
import { spaced } from '../../lib/words.ts';
import { type Invitation, inviteUser } from '../../queries/people.ts';
import { Problems } from '../display/Problems.tsx';
import { Section } from '../display/Section.tsx';

/** Adds a person to the lab; the address that signs them in is handed over by hand. */
export function Invite({ onAddress }: { onAddress(invitation: Invitation): void }) {
  const [{ error, fetching }, invite] = useMutation(inviteUser);
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('MEMBER');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const answer = await invite({ name: name.trim(), email: email.trim(), role });
    if (!answer.data) return;
    onAddress(answer.data.inviteUser);
    setName('');
    setEmail('');
  };
  return (
    <Section title="Invite someone" description="They sign in with the address that you hand them, and set a password then.">
      <Problems error={error} title="The invitation was not made" />
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
            onChange={(value) => setRole((value ?? role) as Role)}
          />
          <Button type="submit" loading={fetching}>
            Invite
          </Button>
        </Group>
      </form>
    </Section>
  );
}
