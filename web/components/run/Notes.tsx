'use client';
import { ActionIcon, Button, Group, Pill, Text, Textarea, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useMutation } from 'urql';
import { type RunPageRun, updateRun } from '../../queries/run.ts';
import { Problems } from '../display/Problems.tsx';
import { Section } from '../display/Section.tsx';

/** Tags and notes, which members write themselves. */
export function Notes({ run }: { run: RunPageRun }) {
  const [{ error, fetching }, update] = useMutation(updateRun);
  const [draft, setDraft] = useState<string | null>(null);
  const save = async () => {
    const answer = await update({ id: run.id, notes: draft });
    if (!answer.error) setDraft(null);
  };
  return (
    <Section title="Tags and notes">
      <Problems error={error} title="The change was not kept" />
      <Tags
        run={run}
        onAdd={(tag) => update({ id: run.id, setTags: [tag] })}
        onRemove={(key) => update({ id: run.id, deleteTags: [key] })}
      />
      <Textarea
        mt="md"
        aria-label="Notes"
        placeholder="What was tried, and what came of it"
        autosize
        minRows={3}
        maxRows={14}
        value={draft ?? run.notes}
        onChange={(event) => setDraft(event.currentTarget.value)}
      />
      {draft !== null && draft !== run.notes && (
        <Group gap="xs" mt="xs">
          <Button size="compact-md" onClick={save} loading={fetching}>
            Save notes
          </Button>
          <Button size="compact-md" variant="subtle" color="gray" onClick={() => setDraft(null)}>
            Discard
          </Button>
        </Group>
      )}
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
