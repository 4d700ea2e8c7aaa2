import { Group, Progress, Text } from '@mantine/core';
import { IconBan, IconCheck, IconX } from '@tabler/icons-react';
import { compact, percent } from '../../lib/format.ts';
import { isLive, stageWord, stateWord } from '../../lib/words.ts';
import type { RunPageRun, RunStage } from '../../queries/run.ts';
import { Elapsed, Remaining } from '../display/Time.tsx';
import classes from './Run.module.css';

const marks: Record<string, typeof IconCheck> = { FINISHED: IconCheck, FAILED: IconX, CANCELLED: IconBan };

/** The run's stages in order, with how far each has come. */
export function Stages({ run }: { run: RunPageRun }) {
  if (run.stages.length === 0) return null;
  const running = run.stages.some(({ state }) => state === 'RUNNING');
  const next = running || !isLive(run.state) ? undefined : run.stages.find(({ state }) => state === 'QUEUED');
  return (
    <ol className={classes.stages} aria-label="Stages">
      {run.stages.map((stage, index) => (
        <StageCard key={stage.name} stage={stage} number={index + 1} next={stage === next} />
      ))}
    </ol>
  );
}

interface StageCardProps {
  stage: RunStage;
  number: number;
  /** It begins as soon as a device is free. */
  next: boolean;
}

function StageCard({ stage, number, next }: StageCardProps) {
  const { name, state, startedAt, finishedAt, progress } = stage;
  const Mark = marks[state];
  const started = startedAt !== null && state !== 'QUEUED';
  const share = state === 'FINISHED' ? 1 : progress.fraction;
  return (
    <li className={classes.stage} data-state={state} aria-current={state === 'RUNNING' ? 'step' : undefined}>
      <Group gap="xs" wrap="nowrap">
        <span className={classes.mark} aria-hidden>
          {Mark ? <Mark size={13} stroke={2.6} /> : number}
        </span>
        <Text size="sm" fw={600} truncate>
          {stageWord(name)}
        </Text>
        {state === 'RUNNING' && (
          <Text size="sm" ml="auto" fw={550}>
            {percent(share, 0)}
          </Text>
        )}
      </Group>
      <Text size="xs" c="dimmed">
        {started ? (
          <>
            {state === 'RUNNING' ? '' : `${stateWord(state)} · `}
            <Elapsed from={startedAt} to={finishedAt} />
            {state === 'RUNNING' && progress.etaSeconds != null && (
              <>
                {' · '}
                <Remaining seconds={progress.etaSeconds} word=" left" />
              </>
            )}
          </>
        ) : state === 'QUEUED' ? (
          next ? (
            'Waiting for a device'
          ) : (
            'Waiting'
          )
        ) : (
          stateWord(state)
        )}
      </Text>
      {state === 'RUNNING' && (
        <div className={classes.wide}>
          <Progress value={share * 100} size={5} mt={4} aria-label={`${stageWord(name)}: ${percent(share, 0)} done`} />
          {progress.total > 0 && (
            <Text size="xs" c="dimmed">
              {compact(progress.done)} of {compact(progress.total)} {progress.unit}
              {progress.rate != null && progress.rate > 0 && ` · ${compact(progress.rate)}/s`}
            </Text>
          )}
        </div>
      )}
    </li>
  );
}
