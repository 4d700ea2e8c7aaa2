'use client';
import { Button, Group, Text } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconChevronsLeft } from '@tabler/icons-react';
import { count } from '../../lib/format.ts';
import type { usePaging } from './paging.ts';

interface PagerProps {
  paging: ReturnType<typeof usePaging>;
  /** Whether what follows is about the page that paging names: while that is on the way, it is about the one before. */
  settled: boolean;
  /** Items of a page, of this one, and of the whole list. */
  length: number;
  shown: number;
  total: number;
  /** ["run", "runs"]. */
  noun: readonly [string, string];
  /** The end of this page, when another one follows. */
  end: string | null | undefined;
}

/** Which part of a list is shown, and the way to the others. */
export function Pager({ paging, settled, length, shown, total, noun, end }: PagerProps) {
  const { number, first, previous, next } = paging;
  const start = (number - 1) * length;
  const part = settled && shown < total ? `${count(start + 1)}–${count(start + shown)} of ` : '';
  return (
    <Group justify="space-between" mt="sm">
      <Text size="sm" c="dimmed" role="status">
        {part}
        {count(total)} {total === 1 ? noun[0] : noun[1]}
      </Text>
      {(first || end) && (
        <Group gap="xs">
          {number > 2 && (
            <Button variant="default" leftSection={<IconChevronsLeft size={16} />} onClick={first}>
              First page
            </Button>
          )}
          <Button variant="default" leftSection={<IconChevronLeft size={16} />} disabled={!previous} onClick={previous}>
            Previous
          </Button>
          <Button
            variant="default"
            rightSection={<IconChevronRight size={16} />}
            disabled={!end || !settled}
            onClick={() => end && next(end)}
          >
            Next
          </Button>
        </Group>
      )}
    </Group>
  );
}
