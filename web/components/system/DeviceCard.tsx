import { Anchor, Group, Paper, Text } from '@mantine/core';
import { IconAlertTriangle, IconCpu, IconDeviceDesktopAnalytics } from '@tabler/icons-react';
import Link from 'next/link';
import { bytes, decimal } from '../../lib/format.ts';
import { backendWord, deviceKindWord, spaced } from '../../lib/words.ts';
import type { Device } from '../../queries/lab.ts';
import { Fact } from '../display/Fact.tsx';
import { Time } from '../display/Time.tsx';
import { Unbroken } from '../display/Unbroken.tsx';
import classes from './System.module.css';

export function DeviceCard({ device }: { device: Device }) {
  const { name, backend, kind, state, threads, memoryBytes, versions, imagesPerSecond, selfTest, worker, lastSeenAt, run } = device;
  const Sign = kind === 'cpu' ? IconCpu : IconDeviceDesktopAnalytics;
  return (
    <Paper p="md" className={classes.card} component="article" aria-label={name}>
      <Group wrap="nowrap" gap="sm">
        <Sign size={22} stroke={1.5} aria-hidden />
        <div style={{ minWidth: 0 }}>
          <Text fw={600} size="sm" style={{ overflowWrap: 'anywhere' }}>
            {name}
          </Text>
          <Text size="xs" c="dimmed">
            {backendWord(backend)} on {deviceKindWord(kind)}
          </Text>
        </div>
        <span className={classes.state} data-state={state.toLowerCase()}>
          {spaced(state)}
        </span>
      </Group>
      <DeviceProblem device={device} />
      <dl className={classes.facts}>
        {memoryBytes !== null && <Fact label="Memory">{bytes(memoryBytes)}</Fact>}
        {imagesPerSecond !== null && <Fact label="Speed">{decimal(Number(imagesPerSecond.toPrecision(3)))} images/s</Fact>}
        {kind === 'cpu' && <Fact label="Threads">{threads}</Fact>}
        <Fact label="Worker">{worker}</Fact>
        <Fact label="Last seen">
          <Time at={lastSeenAt} />
        </Fact>
        <Fact label="Run">
          {run ? (
            <Anchor component={Link} href={`/runs/${run.id}`} size="sm">
              {run.name}
            </Anchor>
          ) : (
            'none'
          )}
        </Fact>
      </dl>
      <Text size="xs" c="dimmed">
        {[state === 'testing' ? 'Self-test running' : selfTest && `Self-test ${selfTest}`, versions].filter(Boolean).join(' · ')}
      </Text>
    </Paper>
  );
}

/** Why the device takes no runs, and what to do; nothing for one that does. */
function DeviceProblem({ device: { state, problem, hint, label } }: { device: Device }) {
  if (state === 'standby')
    return (
      <Text size="xs" c="dimmed">
        It passed its self-test, but the worker computes on another device. Start with --device {label} to use this one.
      </Text>
    );
  if (!problem) return null;
  return (
    <div className={classes.problem}>
      <IconAlertTriangle size={16} stroke={1.8} aria-hidden />
      <div>
        <Text size="xs">
          <Unbroken text={problem} />
        </Text>
        {hint && (
          <Text size="xs" c="dimmed" mt={2}>
            <Unbroken text={hint} />
          </Text>
        )}
      </div>
    </div>
  );
}
