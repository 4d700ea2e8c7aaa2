'use client';
import { Alert, Button, Group, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQuery } from 'urql';
import { retention } from '../../queries/deletion.ts';
import { Time } from '../display/Time.tsx';
import { useDeletion } from '../display/use-deletion.tsx';

/** Says that a run is deleted, for how long it can come back, and brings it back. */
export function DeletedNotice({ id, at }: { id: string; at: string }) {
  const [{ data }] = useQuery({ query: retention });
  const { restore, busy } = useDeletion();
  const days = data?.server.retentionDays;
  return (
    <Alert color="orange" icon={<IconTrash size={18} />} title="This run is deleted" mb="md">
      <Group justify="space-between">
        <Text size="sm">
          Since <Time at={at} />. Lists and leaderboards leave it out.
          {days !== undefined && days > 0 && ` It is purged ${days} days after its deletion, unless something that stays uses its weights.`}
        </Text>
        <Button size="compact-md" variant="default" loading={busy} onClick={() => restore([id])}>
          Restore
        </Button>
      </Group>
    </Alert>
  );
}
