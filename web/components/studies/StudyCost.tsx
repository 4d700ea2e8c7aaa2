import { Alert } from '@mantine/core';
import { IconClock } from '@tabler/icons-react';
import { roughly } from '../../lib/format.ts';
import type { StudyEstimate } from '../../queries/studies.ts';
import { longSeconds } from '../display/TakesLong.tsx';

/** What the study takes, as far as it is known. */
export function StudyCost({ estimate }: { estimate: StudyEstimate | undefined }) {
  if (!estimate)
    return (
      <Alert color="gray" role="status">
        What the study takes is said here once its settings can be started.
      </Alert>
    );
  const { runs, trainings, devices } = estimate;
  const [quickest] = devices;
  const what = `${runs} ${runs === 1 ? 'run' : 'runs'}, ${trainings} ${trainings === 1 ? 'network' : 'networks'} to train`;
  return (
    <Alert
      color={quickest && quickest.seconds > longSeconds ? 'orange' : 'gray'}
      icon={<IconClock size={18} />}
      title={
        quickest ? `About ${Number(quickest.hours.toPrecision(2)).toLocaleString('en-US')} device hours on ${quickest.device.name}` : what
      }
      role="status"
    >
      {quickest
        ? `${what}: ${roughly(quickest.seconds)} if it computes alone. From its measured speed, right within a factor of two.`
        : 'No device has been measured yet, so nobody can say how long this takes.'}
    </Alert>
  );
}
