'use client';
import { ActionIcon, TextInput, Tooltip } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useState } from 'react';
import { useMutation } from 'urql';
import { type RunPageRun, updateRun } from '../../queries/run.ts';

/** The run's name, which can be changed in place. */
export function RunName({ run }: { run: RunPageRun }) {
  const [editing, setEditing] = useState<string | null>(null);
  const [, update] = useMutation(updateRun);
  if (editing === null) {
    return (
      <>
        {run.name}{' '}
        <Tooltip label="Rename">
          <ActionIcon variant="subtle" color="gray" size="sm" onClick={() => setEditing(run.name)} aria-label="Rename the run">
            <IconPencil size={15} />
          </ActionIcon>
        </Tooltip>
      </>
    );
  }
  const save = async () => {
    setEditing(null);
    const name = editing.trim();
    if (name && name !== run.name) await update({ id: run.id, name });
  };
  return (
    <TextInput
      autoFocus
      aria-label="Name of the run"
      value={editing}
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
