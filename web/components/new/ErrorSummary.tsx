'use client';
import { Alert, Anchor } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { pathLabel } from '../../lib/form/labels.ts';
import type { TypeTable } from '../../lib/form/types.ts';
import { Unbroken } from '../display/Unbroken.tsx';
import { focusField } from './focus.ts';

interface ErrorSummaryProps {
  types: TypeTable;
  input: string;
  /** By path of a field. */
  problems: Readonly<Record<string, string>>;
  /** Belong to no field. */
  other: readonly string[];
}

/** Everything that keeps the run from starting, each with the way to its field. */
export function ErrorSummary({ types, input, problems, other }: ErrorSummaryProps) {
  const entries = Object.entries(problems);
  if (entries.length + other.length === 0) return null;
  return (
    <Alert color="red" icon={<IconAlertTriangle size={18} />} title="The run was not started" mt="md" role="alert">
      <ul style={{ margin: 0, paddingInlineStart: 18 }}>
        {entries.map(([path, message]) => (
          <li key={path}>
            <Anchor component="button" type="button" size="sm" ta="left" onClick={() => focusField(path)}>
              {pathLabel(types, input, path)}
            </Anchor>
            : <Unbroken text={message} />
          </li>
        ))}
        {other.map((message) => (
          <li key={message}>
            <Unbroken text={message} />
          </li>
        ))}
      </ul>
    </Alert>
  );
}
