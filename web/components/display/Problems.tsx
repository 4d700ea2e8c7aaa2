import { Alert, Box } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { CombinedError } from 'urql';
import { problemsOf } from '../../lib/errors.ts';
import { Unbroken } from './Unbroken.tsx';

interface ProblemsProps {
  error: CombinedError | undefined;
  title: string;
  /** Room below, in the theme's names; 0 where a stack makes it. */
  mb?: string | number;
  /** What can be done about it here. */
  action?: ReactNode;
}

/** What a request was answered with instead of data. */
export function Problems({ error, title, mb = 'md', action }: ProblemsProps) {
  if (!error) return null;
  return (
    <Alert color="red" icon={<IconAlertTriangle size={18} />} title={title} role="alert" mb={mb}>
      {problemsOf(error).map(({ message }) => (
        <div key={message} style={{ whiteSpace: 'pre-wrap' }}>
          <Unbroken text={message} />
        </div>
      ))}
      {action && <Box mt="sm">{action}</Box>}
    </Alert>
  );
}
