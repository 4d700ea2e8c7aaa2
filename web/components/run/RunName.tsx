'use client';
import { ActionIcon, TextInput } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useState } from 'react';
import { useMutation } from 'urql';
import { problemsOf } from '../../lib/errors.ts';
import { type RunPageRun, updateRun } from '../../queries/run.ts';
import { Unless, useRefusal } from '../display/Unless.tsx';

/** The run's name, which can be changed in place. */
export function RunName({ run }: { run: RunPageRun }) {
  const [editing, setEditing] = useState<string | null>(null);
  const [{ error, fetching }, update] = useMutation(updateRun);
  const refusal = useRefusal('MEMBER');
  if (editing === null) {
    return (
      <>
        {run.name}{' '}
        <Unless reason={refusal}>
          <ActionIcon variant="subtle" color="gray" size="sm" onClick={() => setEditing(run.name)} aria-label="Rename the run">
            <IconPencil size={15} />
          </ActionIcon>
        </Unless>
      </>
    );
  }
  const save = async () => {
    if (fetching) return;
    const name = editing.trim();
    const answer = name && name !== run.name ? await update({ id: run.id, name }) : null;
    if (!answer?.error) setEditing(null);
  };
  return (
    <TextInput
      autoFocus
      aria-label="Name of the run"
      value={editing}
      disabled={fetching}
      error={
        problemsOf(error)
          .map(({ message }) => message)
          .join(' ') || undefined
      }
      maxLength={200}
      maw={520}
      onChange={(event) => setEditing(event.currentTarget.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === 'Enter') void save();
        if (event.key === 'Escape') setEditing(null);
      }}
    />
  );
}
