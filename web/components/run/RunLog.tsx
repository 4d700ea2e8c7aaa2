'use client';
import { Button, Group, Switch, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { clock, count, exactly } from '../../lib/format.ts';
import { isLive } from '../../lib/words.ts';
import type { LogLine } from '../../queries/run.ts';
import classes from './Run.module.css';
import type { Reading } from './Waiting.tsx';

interface RunLogProps {
  lines: LogLine[];
  read: Reading;
  /** Of the run. */
  state: string;
}

function emptyWord(read: Reading, state: string): string {
  if (read === 'failed') return 'The log could not be read.';
  return isLive(state) ? 'Nothing has been logged yet.' : 'The run logged nothing.';
}

/** The log, drawn only where it is looked at; follows its end until the reader scrolls up. */
export function RunLog({ lines, read, state }: RunLogProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [follow, setFollow] = useState(true);
  const virtual = useVirtualizer({ count: lines.length, getScrollElement: () => scroller.current, estimateSize: () => 20, overscan: 20 });
  useEffect(() => {
    if (follow && lines.length > 0) virtual.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [follow, lines.length, virtual]);
  const onScroll = () => {
    const element = scroller.current;
    if (element) setFollow(element.scrollHeight - element.scrollTop - element.clientHeight < 40);
  };
  const download = () => {
    const text = lines.map(({ at, level, text: line }) => `${at} ${level} ${line}`).join('\n');
    const address = URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' }));
    Object.assign(document.createElement('a'), { href: address, download: 'run.log' }).click();
    URL.revokeObjectURL(address);
  };
  return (
    <>
      <Group justify="space-between" mb="xs">
        <Text size="sm" c="dimmed">
          {count(lines.length)} {lines.length === 1 ? 'line' : 'lines'}
        </Text>
        <Group gap="md">
          {state === 'RUNNING' && (
            <Switch size="xs" label="Follow the end" checked={follow} onChange={(event) => setFollow(event.currentTarget.checked)} />
          )}
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            leftSection={<IconDownload size={15} />}
            onClick={download}
            disabled={lines.length === 0}
          >
            Download
          </Button>
        </Group>
      </Group>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <div ref={scroller} className={classes.log} onScroll={onScroll} tabIndex={0} role="log" aria-label="Log of the run" aria-live="off">
        {read !== 'reading' && lines.length === 0 && (
          <Text size="sm" c="dimmed" px="md" ff="text">
            {emptyWord(read, state)}
          </Text>
        )}
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(({ index, key, start }) => {
            const line = lines[index];
            return (
              line && (
                <div
                  key={key}
                  ref={virtual.measureElement}
                  data-index={index}
                  data-level={line.level}
                  className={classes.line}
                  style={{ position: 'absolute', top: 0, left: 0, right: 0, transform: `translateY(${start}px)` }}
                >
                  <time className={classes.when} dateTime={line.at} title={exactly(line.at)}>
                    {clock(line.at)}
                  </time>
                  <span>{line.text}</span>
                </div>
              )
            );
          })}
        </div>
      </div>
    </>
  );
}
