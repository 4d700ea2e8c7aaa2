'use client';
import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlayerPlay, IconPlayerStop, IconRepeat, IconTrash } from '@tabler/icons-react';
import Link from 'next/link';
import { useState } from 'react';
import { type CombinedError, useMutation } from 'urql';
import { problemsOf } from '../../lib/errors.ts';
import { isLive } from '../../lib/words.ts';
import { cancelRun, type RunPageRun, resumeRun } from '../../queries/run.ts';
import { StateBadge } from '../display/StateBadge.tsx';
import { Unless, useRefusal } from '../display/Unless.tsx';
import { useDeletion } from '../display/use-deletion.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { RunName } from './RunName.tsx';

const report = (error: CombinedError | undefined, title: string) => {
  for (const { message } of problemsOf(error)) notifications.show({ color: 'red', title, message });
};

export function RunHeader({ run }: { run: RunPageRun }) {
  const [cancelling, cancel] = useMutation(cancelRun);
  const [resuming, resume] = useMutation(resumeRun);
  const { remove, busy } = useDeletion();
  const [asked, setAsked] = useState(false);
  const refusal = useRefusal('MEMBER');
  const { id, state } = run;
  const stop = async () => {
    if (!asked) return setAsked(true);
    setAsked(false);
    const { error } = await cancel({ id });
    report(error, 'The run could not be cancelled');
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
        onClick={async () => report((await resume({ id })).error, 'The run could not be resumed')}
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
            <Button variant="default" leftSection={<IconTrash size={16} />} loading={busy} onClick={() => remove([id])}>
              Delete
            </Button>
          )}
        </Group>
      }
    />
  );
}
