'use client';
import { Button, Group } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { type CombinedError, useMutation } from 'urql';
import { isLive } from '../../lib/words.ts';
import { pauseStudy, resumeStudy, type Study } from '../../queries/studies.ts';
import { Unless, useRefusal } from '../display/Unless.tsx';
import { MoreSeeds } from './MoreSeeds.tsx';
import { report } from './report.ts';

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
