'use client';
import { Affix, Loader, Paper, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useConnection } from './LabProvider.tsx';

/** Says so when live changes have stopped for more than a moment. */
export function ConnectionNotice() {
  const [connection] = useDebouncedValue(useConnection(), 1500);
  if (connection !== 'lost') return null;
  return (
    <Affix position={{ bottom: 18, left: '50%' }} style={{ transform: 'translateX(-50%)' }}>
      <Paper shadow="md" px="md" py="xs" radius="xl" role="status" style={{ display: 'flex', gap: 10, alignItems: 'center' }}>
        <Loader size={14} color="orange" />
        <Text size="sm">Live updates are interrupted. Reconnecting…</Text>
      </Paper>
    </Affix>
  );
}
