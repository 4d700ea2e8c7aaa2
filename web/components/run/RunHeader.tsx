'use client';
import { Button, Group } from '@mantine/core';
import { IconPlayerPlay, IconPlayerStop, IconRepeat, IconTrash } from '@tabler/icons-react';
import Link from 'next/link';
import { useState } from 'react';
import { useMutation } from 'urql';
import { isLive } from '../../lib/words.ts';
import { cancelRun, type RunPageRun, resumeRun } from '../../queries/run.ts';
import { Problems } from '../display/Problems.tsx';
import { StateBadge } from '../display/StateBadge.tsx';
import { Unless } from '../display/Unless.tsx';
import { useDeletion } from '../display/use-deletion.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { RunName } from './RunName.tsx';

export function RunHeader({ run }: { run: RunPageRun }) {
  const [cancelling, cancel] = useMutation(cancelRun);
  const [resuming, resume] = useMutation(resumeRun);
  const { remove, busy, problem, refusal } = useDeletion();
  const [asked, setAsked] = useState(false);
  const { id, state } = run;
  const stop = () => {
    setAsked(!asked);
    if (asked) void cancel({ id });
  };
  const ended = (state === 'FAILED' || state === 'CANCELLED') && !run.deletedAt;
  /** The same settings would fail in the same way: what helps comes first. */
  const again = state === 'FAILED' && run.error?.resumable === false;
  const goOn = ended && (
    <Unless key="resume" reason={refusal}>
      <Button
        variant={again ? 'default' : 'filled'}
        leftSection={<IconPlayerPlay size={16} />}
        loading={resuming.fetching}
        onClick={() => void resume({ id })}
      >
        Resume
      </Button>
    </Unless>
  );
  const startAgain = (
    <Button
      key="again"
      variant={again ? 'filled' : 'default'}
      component={Link}
      href={`/new?from=${encodeURIComponent(id)}`}
      leftSection={<IconRepeat size={16} />}
    >
      {again ? 'Start again with changes' : 'Start again'}
    </Button>
  );
  return (
    <>
      <PageHeader
        mb={0}
        title={<RunName run={run} />}
        description={<StateBadge state={state} />}
        actions={
          <Group gap="xs">
            {isLive(state) && (
              <Unless reason={refusal}>
                <Button
                  variant={asked ? 'filled' : 'default'}
                  color="red"
                  leftSection={<IconPlayerStop size={16} />}
                  loading={cancelling.fetching}
                  onClick={stop}
                  onBlur={() => setAsked(false)}
                >
                  {asked ? 'Really cancel?' : 'Cancel'}
                </Button>
              </Unless>
            )}
            {run.kind !== 'EXTERNAL' && (again ? [startAgain, goOn] : [goOn, startAgain])}
            {!isLive(state) && !run.deletedAt && (
              <Unless reason={refusal}>
                <Button variant="default" leftSection={<IconTrash size={16} />} loading={busy} onClick={() => remove([id])}>
                  Delete
                </Button>
              </Unless>
            )}
          </Group>
        }
      />
      <Problems error={cancelling.error} title="The run could not be cancelled" mb={0} />
      <Problems error={resuming.error} title="The run could not be resumed" mb={0} />
      {problem && <Problems {...problem} mb={0} />}
    </>
  );
}
