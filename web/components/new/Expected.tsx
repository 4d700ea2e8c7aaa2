'use client';
import { Alert, Box, Text } from '@mantine/core';
import { IconClock } from '@tabler/icons-react';
import { roughly } from '../../lib/format.ts';
import { stageWord } from '../../lib/words.ts';
import type { DeviceEstimate } from '../../queries/start.ts';
import { longSeconds } from '../display/TakesLong.tsx';

const takesRuns = ['idle', 'busy', 'testing'];

/** The estimate of the device that the run asks for, or of the quickest that takes runs. */
export function estimateFor(devices: readonly DeviceEstimate[], wanted: string | undefined): DeviceEstimate | undefined {
  return devices.find(({ device }) => (wanted ? device.id === wanted : takesRuns.includes(device.state)));
}

interface ExpectedProps {
  estimate: DeviceEstimate | undefined;
  /** Whether an answer is there. */
  known: boolean;
}

/** Says before the start what the run will take. Its place is kept free, so that the button below stays where it is. */
export function Expected(props: ExpectedProps) {
  return (
    <Box mt="lg" mih={{ base: 118, sm: 98 }}>
      <Estimate {...props} />
    </Box>
  );
}

function Estimate({ estimate, known }: ExpectedProps) {
  if (!known || !estimate) {
    return (
      <Text size="sm" c="dimmed" role="status">
        {known
          ? 'No device has been measured yet, so nobody can say how long this takes.'
          : 'How long this takes is said here once the form is complete.'}
      </Text>
    );
  }
  const { seconds, device, stages } = estimate;
  const longest = stages.filter((stage) => stage.seconds > seconds * 0.02);
  return (
    <Alert
      color={seconds > longSeconds ? 'orange' : 'gray'}
      icon={<IconClock size={18} />}
      title={`About ${roughly(seconds)} on ${device.name}`}
      role="status"
    >
      {stages.length > 1 && (
        <Text size="sm" component="div">
          {longest.map(({ name, seconds: each }) => `${stageWord(name)} ${roughly(each)}`).join(' · ')}
        </Text>
      )}
      <Text size="xs" c="dimmed" component="div">
        From the measured speed of the device, right within a factor of two; waiting for other runs comes on top.
      </Text>
    </Alert>
  );
}
