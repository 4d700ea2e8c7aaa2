import { Alert, Text } from '@mantine/core';
import { IconLink } from '@tabler/icons-react';
import type { Invitation } from '../../queries/people.ts';
import { CodeBlock } from '../display/CodeBlock.tsx';
import { Time } from '../display/Time.tsx';

/** An address that was just made; it is handed over by hand. */
export function NewAddress({ invitation: { user, address, expiresAt } }: { invitation: Invitation }) {
  return (
    <Alert color="teal" icon={<IconLink size={18} />} title={`Address for ${user.name}`} role="status">
      <Text size="sm" mb="xs">
        Hand it to them: it signs them in once, until it ends <Time at={expiresAt} />. It is not shown again.
      </Text>
      <CodeBlock code={address} what="address" />
    </Alert>
  );
}
