'use client';
import { ActionIcon, Avatar, Group, Text, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconLogout } from '@tabler/icons-react';
import { useQuery } from 'urql';
import { basePath } from '../../lib/base-path.ts';
import { signOut } from '../../lib/sign-in.ts';
import { spaced } from '../../lib/words.ts';
import { viewer } from '../../queries/lab.ts';

export function ViewerCard() {
  const [{ data }] = useQuery({ query: viewer, requestPolicy: 'cache-first' });
  if (!data) return null;
  const { name, role } = data.viewer;
  const leave = async () => {
    const { problem } = await signOut();
    if (problem) return notifications.show({ color: 'red', title: 'You are still signed in', message: problem });
    window.location.assign(`${basePath}/sign-in`);
  };
  return (
    <Group wrap="nowrap" gap="xs" px={4}>
      <Avatar name={name} size={30} radius="xl" color="rift" aria-hidden />
      <div style={{ minWidth: 0, flex: 1 }}>
        <Text size="sm" fw={550} truncate>
          {name}
        </Text>
        <Text size="xs" c="dimmed">
          {spaced(role)}
        </Text>
      </div>
      <Tooltip label="Sign out">
        <ActionIcon variant="subtle" color="gray" onClick={leave} aria-label="Sign out">
          <IconLogout size={17} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
