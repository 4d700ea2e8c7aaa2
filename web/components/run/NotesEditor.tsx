'use client';
import { Alert, Button, Group, Text, Textarea } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { IconUsers } from '@tabler/icons-react';
import { useState } from 'react';
import { useClient, useMutation } from 'urql';
import { problemsOf } from '../../lib/errors.ts';
import { type RunPageRun, runNotes, updateRun } from '../../queries/run.ts';
import { Problems } from '../display/Problems.tsx';
import classes from './Run.module.css';

interface Draft {
  text: string;
  /** The notes that it was written over. */
  before: string;
}

/**
 * Notes of a run. What somebody else writes meanwhile is shown beside the draft, and nothing is kept over it unseen. A draft
 * outlives a reload and a new sign-in. refusal: why the notes can't be changed; null when they can.
 */
export function NotesEditor({ run, refusal }: { run: RunPageRun; refusal: string | null | undefined }) {
  const [{ error, fetching }, update] = useMutation(updateRun);
  const [draft, setDraft] = useSessionStorage<Draft | null>({
    key: `riftlab-notes-${run.id}`,
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const client = useClient();
  /** The server has other notes than the page knew; they are shown then, in place of the refusal. */
  const [refused, setRefused] = useState(false);
  const text = draft?.text ?? run.notes;
  const changed = draft !== null && draft.text !== run.notes;
  const overtaken = changed && draft.before !== run.notes;

  const save = async () => {
    if (!draft) return;
    const answer = await update({ id: run.id, notes: draft.text, notesBefore: draft.before });
    const conflict = problemsOf(answer.error).some(({ code }) => code === 'CONFLICT');
    setRefused(conflict);
    if (conflict) await client.query(runNotes, { id: run.id }, { requestPolicy: 'network-only' }).toPromise();
    if (!answer.error) setDraft(null);
  };
  const write = (next: string) => setDraft(next === run.notes ? null : { text: next, before: draft?.before ?? run.notes });
  return (
    <>
      {!refused && <Problems error={error} title="The notes were not kept" />}
      <Textarea
        mt="md"
        aria-label="Notes"
        placeholder="What was tried, and what came of it"
        autosize
        minRows={3}
        maxRows={14}
        value={text}
        readOnly={Boolean(refusal)}
        description={refusal}
        onChange={(event) => write(event.currentTarget.value)}
      />
      {overtaken && (
        <Alert color="yellow" icon={<IconUsers size={18} />} title="Somebody else has changed these notes" role="alert" mt="xs">
          <Text size="sm">Your text above is not kept yet. This is what the notes say now:</Text>
          <pre className={classes.theirNotes}>{run.notes || '(nothing)'}</pre>
          <Group gap="xs" mt="xs">
            <Button size="compact-sm" onClick={() => setDraft({ text: bothOf(run.notes, draft.text), before: run.notes })}>
              Put both together
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => setDraft({ text: draft.text, before: run.notes })}>
              Mine in place of theirs
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => setDraft(null)}>
              Leave theirs
            </Button>
          </Group>
        </Alert>
      )}
      {changed && !overtaken && (
        <Group gap="xs" mt="xs">
          <Button size="compact-md" onClick={save} loading={fetching}>
            Save notes
          </Button>
          <Button size="compact-md" variant="subtle" color="gray" onClick={() => setDraft(null)}>
            Discard
          </Button>
        </Group>
      )}
    </>
  );
}

const bothOf = (theirs: string, mine: string) => [theirs.trimEnd(), mine].filter(Boolean).join('\n\n');
