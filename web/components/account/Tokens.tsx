'use client';
import { Alert, Button, Group, Select, Table, Text, TextInput } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useMutation } from 'urql';
import { serverNow } from '../../lib/clock.ts';
import { allows, type Role, roles } from '../../lib/roles.ts';
import { spaced } from '../../lib/words.ts';
import { type ApiToken, createToken, revokeToken, type Viewer } from '../../queries/lab.ts';
import { CodeBlock } from '../display/CodeBlock.tsx';
import { ConfirmButton } from '../display/ConfirmButton.tsx';
import { PhoneLabel } from '../display/PhoneLabel.tsx';
import { Problems } from '../display/Problems.tsx';
import { Section } from '../display/Section.tsx';
import stacked from '../display/Stacked.module.css';
import { Time } from '../display/Time.tsx';

const lifetimes = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: '', label: 'No end' },
];

/** API tokens: made here, shown once, taken back here. */
export function Tokens({ person }: { person: Viewer }) {
  const [creation, create] = useMutation(createToken);
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('MEMBER');
  const [days, setDays] = useState('90');
  const given = allows(person.role, role) ? role : person.role;
  const secret = creation.data?.createApiToken.secret;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const expiresAt = days ? new Date(serverNow() + Number(days) * 86_400_000).toISOString() : null;
    const { error } = await create({ name: name.trim(), role: given, expiresAt });
    if (!error) setName('');
  };
  return (
    <Section title="API tokens" description="For scripts: sent as Authorization: Bearer TOKEN to /graphql and /api.">
      <Problems error={creation.error} title="The token was not made" />
      {secret && (
        <Alert color="teal" icon={<IconKey size={18} />} title={`Token “${creation.data?.createApiToken.token.name}”`} mb="md">
          <Text size="sm" mb="xs">
            Copy it now: it is not shown again.
          </Text>
          <CodeBlock code={secret} what="token" />
        </Alert>
      )}
      <form onSubmit={submit}>
        <Group align="flex-end" gap="sm" mb="md">
          <TextInput
            label="Name"
            placeholder="What will use it"
            required
            withAsterisk={false}
            value={name}
            maxLength={100}
            onChange={(event) => setName(event.currentTarget.value)}
            style={{ flex: '1 1 180px' }}
          />
          <Select
            label="Role"
            w={120}
            description={person.role === 'ADMIN' ? undefined : `At most yours: ${spaced(person.role)}`}
            data={roles.map((value) => ({ value, label: spaced(value), disabled: !allows(person.role, value) }))}
            value={given}
            onChange={(value) => setRole((value ?? role) as Role)}
          />
          <Select label="Valid for" w={120} data={lifetimes} value={days} onChange={(value) => setDays(value ?? days)} />
          <Button type="submit" loading={creation.fetching} disabled={!name.trim()}>
            Create token
          </Button>
        </Group>
      </form>
      {person.tokens.length === 0 ? (
        <Text size="sm" c="dimmed">
          No tokens.
        </Text>
      ) : (
        <TokenTable tokens={person.tokens} />
      )}
    </Section>
  );
}

function TokenTable({ tokens }: { tokens: readonly ApiToken[] }) {
  return (
    <Table.ScrollContainer minWidth={0}>
      <Table aria-label="API tokens" className={stacked.stacked}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Role</Table.Th>
            <Table.Th>Made</Table.Th>
            <Table.Th>Last used</Table.Th>
            <Table.Th>Ends</Table.Th>
            <Table.Th ta="right">Change</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tokens.map((token) => (
            <TokenRow key={token.id} token={token} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function TokenRow({ token }: { token: ApiToken }) {
  const [{ fetching, error }, revoke] = useMutation(revokeToken);
  return (
    <Table.Tr>
      <Table.Td fw={550}>{token.name}</Table.Td>
      <Table.Td>{spaced(token.role)}</Table.Td>
      <Table.Td>
        <PhoneLabel>made</PhoneLabel>
        <Time at={token.createdAt} />
      </Table.Td>
      <Table.Td>
        <PhoneLabel>used</PhoneLabel>
        {token.lastUsedAt ? <Time at={token.lastUsedAt} /> : 'never'}
      </Table.Td>
      <Table.Td>
        <PhoneLabel>ends</PhoneLabel>
        {token.expiresAt ? <Time at={token.expiresAt} /> : 'never'}
      </Table.Td>
      <Table.Td ta="right">
        <ConfirmButton
          label="Revoke"
          question="Really revoke?"
          of={token.name}
          color="red"
          loading={fetching}
          onConfirm={() => void revoke({ id: token.id })}
        />
        <Problems error={error} title="The token was not revoked" />
      </Table.Td>
    </Table.Tr>
  );
}
