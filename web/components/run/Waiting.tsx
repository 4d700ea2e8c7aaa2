import { Skeleton, Text } from '@mantine/core';
import { isLive, stageWord, stateWord } from '../../lib/words.ts';
import type { RunPageRun } from '../../queries/run.ts';

interface WaitingProps {
  run: RunPageRun;
  stage: string;
  /** Whether the server has answered what there is. */
  read: boolean;
  what: string;
}

/** Stands where records will be. */
export function Waiting({ run, stage, read, what }: WaitingProps) {
  if (!read) return <Skeleton height={140} />;
  const state = run.stages.find(({ name }) => name === stage)?.state;
  const text =
    state === 'RUNNING'
      ? `The first ${what} will appear here in a moment.`
      : isLive(run.state)
        ? `${what.charAt(0).toUpperCase()}${what.slice(1)}s appear here once ${stageWord(stage).toLowerCase()} begins.`
        : `The run was ${stateWord(run.state).toLowerCase()} without a ${what}.`;
  return (
    <Text c="dimmed" size="sm" py="lg">
      {text}
    </Text>
  );
}
