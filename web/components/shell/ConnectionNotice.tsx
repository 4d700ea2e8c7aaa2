'use client';
import { Affix, Loader, Paper, Text } from '@mantine/core';
import { clock } from '../../lib/format.ts';
import { useStaleSince } from '../display/connection.ts';
import classes from './Shell.module.css';

/** Says that what the page shows may be out of date, and since when. */
export function ConnectionNotice() {
  const since = useStaleSince();
  if (since === null) return null;
  return (
    <Affix position={{ bottom: 18, left: 12, right: 12 }} className={classes.notice}>
      <Paper shadow="md" px="md" py="xs" radius="xl" role="status" className={classes.noticeBody}>
        <Loader size={14} color="orange" />
        <Text size="sm">The connection is lost: data as of {clock(since)}. Reconnecting…</Text>
      </Paper>
    </Affix>
  );
}
