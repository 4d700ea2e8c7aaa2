'use client';
import { Alert, Button, Group } from '@mantine/core';
import { IconClock } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { roughly } from '../../lib/format.ts';
import type { DeviceEstimate } from '../../queries/start.ts';

interface LongRunProps {
  estimate: DeviceEstimate;
  onStart(): void;
  onChange(): void;
}

/** Asks once more before a run that takes days. */
export function LongRun({ estimate, onStart, onChange }: LongRunProps) {
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <Alert mt="lg" color="orange" icon={<IconClock size={18} />} title="This takes long" role="alertdialog" aria-label="This takes long">
      The run will take about {roughly(estimate.seconds)} on {estimate.device.name}, and runs that come after it wait. Fewer epochs or
      images, or a smaller network, take less.
      <Group mt="md" gap="sm">
        <Button ref={first} variant="default" onClick={onChange}>
          Change the settings
        </Button>
        <Button onClick={onStart}>Start it anyway</Button>
      </Group>
    </Alert>
  );
}
