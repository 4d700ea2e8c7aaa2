import { Text } from '@mantine/core';

/** Says what a cell of a stacked table is, where its head is not seen. */
export function PhoneLabel({ children }: { children: string }) {
  return (
    <Text span inherit hiddenFrom="sm" c="dimmed">
      {children}{' '}
    </Text>
  );
}
