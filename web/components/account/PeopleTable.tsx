'use client';
import { Badge, Group, NativeSelect, Table, Text } from '@mantine/core';
import { useMutation } from 'urql';
import { type Role, roles } from '../../lib/roles.ts';
import { spaced } from '../../lib/words.ts';
import { type Invitation, type Person, removeUser, renewInvitation, setRole } from '../../queries/people.ts';
import { ConfirmButton } from '../display/ConfirmButton.tsx';
import { PhoneLabel } from '../display/PhoneLabel.tsx';
import { Problems } from '../display/Problems.tsx';
import { Section } from '../display/Section.tsx';
import stacked from '../display/Stacked.module.css';
import { Time } from '../display/Time.tsx';
import { Unless } from '../display/Unless.tsx';

interface PeopleTableProps {
  people: readonly Person[];
  /** Id of the viewer. */
  own: string;
  onAddress(invitation: Invitation): void;
}

export function PeopleTable({ people, own, onAddress }: PeopleTableProps) {
  return (
    <Section
      title="Members"
      description="A role counts at once, also on pages that are open. A new address ends somebody's password, sessions and earlier addresses. Who leaves keeps their runs here."
    >
      <Table.ScrollContainer minWidth={0}>
        <Table aria-label="Members" className={stacked.stacked}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>E-mail</Table.Th>
              <Table.Th>Role</Table.Th>
              <Table.Th miw={90}>Last seen</Table.Th>
              <Table.Th ta="right">Change</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {people.map((person) => (
              <PersonRow key={person.id} person={person} isOwn={person.id === own} onAddress={onAddress} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  );
}

interface PersonRowProps {
  person: Person;
  isOwn: boolean;
  onAddress(invitation: Invitation): void;
}

function PersonRow({ person, isOwn, onAddress }: PersonRowProps) {
  const [roleChange, changeRole] = useMutation(setRole);
  const own = isOwn ? 'This is you. Another administrator can change what you may do.' : null;
  return (
    <Table.Tr>
      <Table.Td fw={550}>
        {person.name}
        {isOwn && (
          <Text span size="sm" c="dimmed" fw={400}>
            {' '}
            (you)
          </Text>
        )}
      </Table.Td>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>{person.email}</Table.Td>
      <Table.Td>
        {person.active ? (
          <Unless reason={own}>
            <NativeSelect
              size="xs"
              w={110}
              aria-label={`Role of ${person.name}`}
              data={roles.map((value) => ({ value, label: spaced(value) }))}
              value={person.role}
              disabled={roleChange.fetching}
              onChange={(event) => void changeRole({ user: person.id, role: event.currentTarget.value as Role })}
            />
          </Unless>
        ) : (
          <Badge color="gray" variant="light">
            Left
          </Badge>
        )}
        <Problems error={roleChange.error} title="The role was not changed" />
      </Table.Td>
      <Table.Td>
        <PhoneLabel>seen</PhoneLabel>
        {person.lastSeenAt ? <Time at={person.lastSeenAt} /> : 'never'}
      </Table.Td>
      <Table.Td ta="right">{person.active && <PersonActions person={person} refusal={own} onAddress={onAddress} />}</Table.Td>
    </Table.Tr>
  );
}

interface PersonActionsProps {
  person: Person;
  /** Why nothing can be done, where it can't. */
  refusal: string | null;
  onAddress(invitation: Invitation): void;
}

function PersonActions({ person, refusal, onAddress }: PersonActionsProps) {
  const [renewal, renew] = useMutation(renewInvitation);
  const [removal, remove] = useMutation(removeUser);
  const handOut = async () => {
    const { data } = await renew({ user: person.id });
    if (data) onAddress(data.renewInvitation);
  };
  return (
    <>
      <Group gap="xs" justify="flex-end" wrap="nowrap">
        <ConfirmButton
          label="New address"
          question="End password and sessions?"
          of={person.name}
          refusal={refusal}
          loading={renewal.fetching}
          onConfirm={() => void handOut()}
        />
        <ConfirmButton
          label="Remove"
          question="Really remove?"
          of={person.name}
          color="red"
          refusal={refusal}
          loading={removal.fetching}
          onConfirm={() => void remove({ user: person.id })}
        />
      </Group>
      <Problems error={renewal.error} title="No address was made" />
      <Problems error={removal.error} title="They were not removed" />
    </>
  );
}
