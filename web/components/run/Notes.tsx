'use client';
import { ActionIcon, Group, Pill, Text, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useMutation } from 'urql';
import { type RunPageRun, updateRun } from '../../queries/run.ts';
import { Problems } from '../display/Problems.tsx';
import { Section } from '../display/Section.tsx';
import { NotesEditor } from './NotesEditor.tsx';

/** Tags and notes, which members write themselves. */
export function Notes({ run }: { run: RunPageRun }) {
  const [{ error }, update] = useMutation(updateRun);
  return (
    <Section title="Tags and notes">
      <Problems error={error} title="The change was not kept" />
      <Tags
        run={run}
        onAdd={(tag) => update({ id: run.id, setTags: [tag] })}
        onRemove={(key) => update({ id: run.id, deleteTags: [key] })}
      />
      <NotesEditor key={run.id} run={run} />
    </Section>
  );
}

interface TagsProps {
  run: RunPageRun;
  onAdd(tag: { key: string; value: string }): void;
  onRemove(key: string): void;
}

function Tags({ run, onAdd, onRemove }: TagsProps) {
  const [text, setText] = useState('');
  const add = () => {
    const [key = '', ...rest] = text.split('=');
    if (!key.trim()) return;
    onAdd({ key: key.trim(), value: rest.join('=').trim() });
    setText('');
  };
  return (
    <Group gap="xs">
      {run.tags.map(({ key, value }) => (
        <Pill
          key={key}
          withRemoveButton
          onRemove={() => onRemove(key)}
          removeButtonProps={{ 'aria-label': `Remove the tag ${key}`, 'aria-hidden': false, tabIndex: 0 }}
        >
          {value ? `${key} = ${value}` : key}
        </Pill>
      ))}
      {run.tags.length === 0 && (
        <Text size="sm" c="dimmed">
          No tags.
        </Text>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <TextInput
          size="xs"
          w={160}
          aria-label="New tag, as key=value"
          placeholder="key=value"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          rightSection={
            <ActionIcon type="submit" size="sm" variant="subtle" color="gray" aria-label="Add the tag">
              <IconPlus size={14} />
            </ActionIcon>
          }
        />
      </form>
    </Group>
  );
}
