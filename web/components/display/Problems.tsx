import { Alert } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { CombinedError } from 'urql';
import { problemsOf } from '../../lib/errors.ts';

/** What a request was answered with instead of data. */
export function Problems({ error, title }: { error: CombinedError | undefined; title: string }) {
  if (!error) return null;
  return (
    <Alert color="red" icon={<IconAlertTriangle size={18} />} title={title} role="alert" mb="md">
      {problemsOf(error).map(({ message }) => (
        <div key={message} style={{ whiteSpace: 'pre-wrap' }}>
          {message}
        </div>
      ))}
    </Alert>
  );
}
