'use client';
import { Button } from '@mantine/core';
import { roughly } from '../../lib/format.ts';
import { shareWord } from '../../lib/studies.ts';
import { TakesLong } from '../display/TakesLong.tsx';
import { useSmaller } from './use-smaller.ts';
import type { StudyInput } from './use-study-estimate.ts';

interface LongStudyProps {
  input: StudyInput;
  seconds: number;
  device: string;
  onStart(): void;
  onChange(): void;
  onScale(scale: number): void;
}

/** Asks before a study that takes days, and offers the scale at which it does not. */
export function LongStudy({ input, seconds, device, onStart, onChange, onScale }: LongStudyProps) {
  const smaller = useSmaller(input, seconds);
  return (
    <TakesLong what="All its runs together" seconds={seconds} device={device} onStart={onStart} onChange={onChange}>
      A smaller scale, fewer seeds or a smaller network take less.
      {smaller && (
        <>
          {' '}
          At a scale of {shareWord(smaller.scale)} it would be about {roughly(smaller.seconds)}; its numbers are then no repetition of the
          paper's.{' '}
          <Button variant="default" size="compact-sm" onClick={() => onScale(smaller.scale)}>
            Set the scale to {shareWord(smaller.scale)}
          </Button>
        </>
      )}
    </TakesLong>
  );
}
