'use client';
import { Tooltip } from '@mantine/core';
import { ago, duration, exactly } from '../../lib/format.ts';
import { useStaleSince } from './connection.ts';
import { useNow } from './now.ts';

/** How long ago, with the exact time on hover and for machines. */
export function Time({ at }: { at: string }) {
  const now = useNow();
  return (
    <Tooltip label={exactly(at)}>
      <time dateTime={at} style={{ whiteSpace: 'nowrap' }}>
        {ago(at, now)}
      </time>
    </Tooltip>
  );
}

/** Time between two moments; while the second is missing, up to now, or up to when the server was heard last. */
export function Elapsed({ from, to }: { from: string; to: string | null }) {
  const now = useNow();
  const until = useStaleSince() ?? now;
  return <>{duration(Math.max(0, ((to ? Date.parse(to) : until) - Date.parse(from)) / 1000))}</>;
}

/** How long something still takes; the last that was heard of it while the server is away. */
export function Remaining({ seconds, word = '' }: { seconds: number; word?: string }) {
  const stale = useStaleSince() !== null;
  return (
    <>
      {duration(seconds)}
      {word}
      {stale && ', when last heard'}
    </>
  );
}

/** "for 42 s" */
export function QueuedFor({ since }: { since: string }) {
  return (
    <span style={{ whiteSpace: 'nowrap' }}>
      for <Elapsed from={since} to={null} />
    </span>
  );
}
