import { Skeleton, Text } from '@mantine/core';

/** How far the reading of what is recorded has come. */
export type Reading = 'reading' | 'read' | 'failed';

interface WaitingProps {
  read: Reading;
  /** The first score */
  what: string;
}

/** Stands where records will be while their stage runs. */
export function Waiting({ read, what }: WaitingProps) {
  if (read === 'reading') return <Skeleton height={140} />;
  return (
    <Text c="dimmed" size="sm" py="lg">
      {read === 'read' ? `${what} will appear here as soon as it is known.` : 'What is recorded so far could not be read.'}
    </Text>
  );
}
