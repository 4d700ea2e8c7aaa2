'use client';
import { ActionIcon, CloseButton, Group, Pill, Text, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useMutation } from 'urql';
import { type RunPageRun, updateRun } from '../../queries/run.ts';
import { Problems } from '../display/Problems.tsx';
import { Section } from '../display/Section.tsx';
import { Unless, useRefusal } from '../display/Unless.tsx';
import { NotesEditor } from './NotesEditor.tsx';
import classes from './Run.module.css';

/** Tags and notes, which members write themselves. */
export function Notes({ run }: { run: RunPageRun }) {
  const [{ error }, update] = useMutation(updateRun);
  const refusal = useRefusal('MEMBER');
  return (
    <Section title="Tags and notes">
      <Problems error={error} title="The change was not kept" />
      <Tags
        run={run}
        refusal={refusal}
        onAdd={async (tag) => !(await update({ id: run.id, setTags: [tag] })).error}
        onRemove={(key) => update({ id: run.id, deleteTags: [key] })}
      />
      <NotesEditor key={run.id} run={run} refusal={refusal} />
    </Section>
  );
}

interface TagsProps {
  run: RunPageRun;
  /** Why tags can't be changed; null when they can. */
  refusal: string | null | undefined;
  /** Whether it was kept. */
  onAdd(tag: { key: string; value: string }): Promise<boolean>;
  onRemove(key: string): void;
}

function Tags({ run, refusal, onAdd, onRemove }: TagsProps) {
  const [text, setText] = useState('');
  const add = async () => {
    const [key = '', ...rest] = text.split('=');
    if (!key.trim() || refusal) return;
    if (await onAdd({ key: key.trim(), value: rest.join('=').trim() })) setText((now) => (now === text ? '' : now));
  };
  return (
    <Group gap="xs">
      {run.tags.map(({ key, value }) => (
        <Pill key={key} classNames={{ label: classes.tag }}>
          {value ? `${key} = ${value}` : key}
          <Unless reason={refusal}>
            <CloseButton size={18} iconSize={12} variant="transparent" aria-label={`Remove the tag ${key}`} onClick={() => onRemove(key)} />
          </Unless>
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
          void add();
        }}
      >
        <TextInput
          size="xs"
          w={160}
          aria-label="New tag, as key=value"
          placeholder="key=value"
          value={text}
          readOnly={Boolean(refusal)}
          onChange={(event) => setText(event.currentTarget.value)}
          rightSection={
            <Unless reason={refusal}>
              <ActionIcon type="submit" size="sm" variant="subtle" color="gray" aria-label="Add the tag">
                <IconPlus size={14} />
              </ActionIcon>
            </Unless>
          }
        />
      </form>
    </Group>
  );
}
