'use client';
import { Alert, Button, Group, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQuery } from 'urql';
import { retention } from '../../queries/deletion.ts';
import { Problems } from '../display/Problems.tsx';
import { Time } from '../display/Time.tsx';
import { Unless } from '../display/Unless.tsx';
import { useDeletion } from '../display/use-deletion.tsx';

/** Says that a run is deleted, for how long it can come back, and brings it back. */
export function DeletedNotice({ id, at }: { id: string; at: string }) {
  const [{ data }] = useQuery({ query: retention });
  const { restore, busy, problem, refusal } = useDeletion();
  const days = data?.server.retentionDays;
  return (
    <Alert color="orange" icon={<IconTrash size={18} />} title="This run is deleted" mb="md">
      <Group justify="space-between">
        <Text size="sm">
          Since <Time at={at} />. Lists and leaderboards leave it out.
          {days !== undefined && days > 0 && ` It is purged ${days} days after its deletion, unless something that stays uses its weights.`}
        </Text>
        <Unless reason={refusal}>
          <Button size="compact-md" variant="default" loading={busy} onClick={() => restore([id])}>
            Restore
          </Button>
        </Unless>
      </Group>
      {problem && <Problems {...problem} mb={0} />}
    </Alert>
  );
}
