import { Skeleton, Text } from '@mantine/core';

interface WaitingProps {
  /** Whether the server has answered what there is. */
  read: boolean;
  /** The first score */
  what: string;
}

/** Stands where records will be while their stage runs. */
export function Waiting({ read, what }: WaitingProps) {
  if (!read) return <Skeleton height={140} />;
  return (
    <Text c="dimmed" size="sm" py="lg">
      {what} will appear here in a moment.
    </Text>
  );
}
