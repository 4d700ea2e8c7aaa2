'use client';
import { Alert, Button, Group } from '@mantine/core';
import { IconClock } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { roughly } from '../../lib/format.ts';

/** What takes longer is asked about before it starts: a day. */
export const longSeconds = 86_400;

interface TakesLongProps {
  /** The run */
  what: string;
  seconds: number;
  /** Name of the device that the seconds are of. */
  device: string;
  /** What would make it shorter. */
  children: ReactNode;
  onStart(): void;
  onChange(): void;
}

/** Asks once more before something that takes days. */
export function TakesLong({ what, seconds, device, children, onStart, onChange }: TakesLongProps) {
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <Alert
      color="orange"
      icon={<IconClock size={18} />}
      title="This takes long"
      role="alertdialog"
      aria-label="This takes long"
      onKeyDown={(event) => event.key === 'Escape' && onChange()}
    >
      {what} will take about {roughly(seconds)} on {device}, and runs that come after wait. {children}
      <Group mt="md" gap="sm">
        <Button ref={first} variant="default" onClick={onChange}>
          Change the settings
        </Button>
        <Button onClick={onStart}>Start it anyway</Button>
      </Group>
    </Alert>
  );
}
