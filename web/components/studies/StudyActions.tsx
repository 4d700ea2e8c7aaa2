'use client';
import { Button, Group, Popover, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlayerPause, IconPlayerPlay, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { type CombinedError, useMutation } from 'urql';
import { problemsOf } from '../../lib/errors.ts';
import { seedsOf } from '../../lib/studies.ts';
import { isLive } from '../../lib/words.ts';
import { extendStudy, pauseStudy, resumeStudy, type Study } from '../../queries/studies.ts';
import { Unless, useRefusal } from '../display/Unless.tsx';

const report = (error: CombinedError | undefined, title: string) => {
  for (const { message } of problemsOf(error)) notifications.show({ color: 'red', title, message });
};

/** Pause, resume, and more seeds. */
export function StudyActions({ study, onChange }: { study: Study; onChange(): void }) {
  const [pausing, pause] = useMutation(pauseStudy);
  const [resuming, resume] = useMutation(resumeStudy);
  const refusal = useRefusal('MEMBER');
  const { id } = study;
  const live = isLive(study.state);
  const ended = study.state === 'FAILED' || study.state === 'CANCELLED' || study.paused;
  const change = async (answer: Promise<{ error?: CombinedError }>, failed: string) => {
    report((await answer).error, failed);
    onChange();
  };
  return (
    <Group gap="xs">
      {live && (
        <Unless reason={refusal}>
          <Button
            variant="default"
            leftSection={<IconPlayerPause size={16} />}
            loading={pausing.fetching}
            onClick={() => void change(pause({ id }), 'The study could not be paused')}
          >
            Pause
          </Button>
        </Unless>
      )}
      {ended && (
        <Unless reason={refusal}>
          <Button
            leftSection={<IconPlayerPlay size={16} />}
            loading={resuming.fetching}
            onClick={() => void change(resume({ id }), 'The study could not be resumed')}
          >
            Resume
          </Button>
        </Unless>
      )}
      {!study.paused && !refusal && <MoreSeeds study={study} onChange={onChange} />}
    </Group>
  );
}

function MoreSeeds({ study, onChange }: { study: Study; onChange(): void }) {
  const [opened, setOpened] = useState(false);
  const [text, setText] = useState('');
  const [extending, extend] = useMutation(extendStudy);
  const seeds = seedsOf(text);
  const add = async () => {
    if (!seeds) return;
    const { error } = await extend({ id: study.id, seeds });
    report(error, 'The study could not be extended');
    if (!error) setOpened(false);
    onChange();
  };
  return (
    <Popover opened={opened} onChange={setOpened} withArrow trapFocus position="bottom-end">
      <Popover.Target>
        <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setOpened(!opened)}>
          More seeds
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void add();
          }}
        >
          <Group gap="xs" align="flex-end">
            <TextInput
              label="Seeds to add"
              description={`It has ${study.seeds.join(', ')}.`}
              placeholder="3, 4 or 3-7"
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              error={text !== '' && !seeds && 'Whole numbers: 3, 4 or 3-7'}
              data-autofocus
            />
            <Button type="submit" loading={extending.fetching} disabled={!seeds}>
              Add
            </Button>
          </Group>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
