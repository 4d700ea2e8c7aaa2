'use client';
import { Button, Group, Paper, Progress, Text } from '@mantine/core';
import { bytes } from '../../lib/format.ts';

interface SendingProps {
  file: File;
  received: number;
  onCancel(): void;
}

/** How far an upload is. */
export function Sending({ file, received, onCancel }: SendingProps) {
  const percent = file.size === 0 ? 100 : Math.floor((100 * received) / file.size);
  return (
    <Paper p={{ base: 'md', sm: 'lg' }}>
      <Group justify="space-between" mb="xs" wrap="nowrap">
        <Text fw={560} style={{ overflowWrap: 'anywhere', minWidth: 0 }}>
          {file.name}
        </Text>
        <Button variant="default" size="compact-sm" onClick={onCancel}>
          Cancel
        </Button>
      </Group>
      <Progress.Root size="lg">
        <Progress.Section value={percent} aria-label={`Upload of ${file.name}`} animated />
      </Progress.Root>
      <Text size="sm" c="dimmed" mt="xs">
        {bytes(received)} of {bytes(file.size)}, {percent}%
      </Text>
    </Paper>
  );
}
