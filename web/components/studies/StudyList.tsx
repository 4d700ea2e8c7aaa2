import { Anchor, Group, Paper, Progress, Text } from '@mantine/core';
import Link from 'next/link';
import { duration } from '../../lib/format.ts';
import { presetWord, scaleWord } from '../../lib/studies.ts';
import { isLive } from '../../lib/words.ts';
import type { StudyStatus } from '../../queries/studies.ts';
import { Time } from '../display/Time.tsx';
import { Standing } from './Standing.tsx';
import classes from './Studies.module.css';

export function StudyList({ studies }: { studies: readonly StudyStatus[] }) {
  return (
    <Paper component="ul" className={classes.list} aria-label="Studies">
      {studies.map((study) => (
        <li key={study.id} className={classes.item}>
          <Group justify="space-between" gap="xs" align="baseline">
            <Anchor component={Link} href={`/studies/${study.id}`} fw={600}>
              {study.name}
            </Anchor>
            <Text size="xs" c="dimmed" component="div">
              <Time at={study.createdAt} />
            </Text>
          </Group>
          <Text size="xs" c="dimmed">
            {[presetWord(study.preset), study.project.name, scaleWord(study.scale)].filter((word) => word !== null).join(' · ')}
          </Text>
          <Group gap="sm" wrap="nowrap">
            <Standing study={study} />
            <Progress
              value={study.progress.fraction * 100}
              aria-label={`Progress of ${study.name}`}
              style={{ flex: 1 }}
              maw={260}
              size="sm"
            />
            <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
              {study.progress.done} of {study.progress.total} runs
              {isLive(study.state) && study.progress.etaSeconds !== null && `, ${duration(study.progress.etaSeconds)} left`}
            </Text>
          </Group>
        </li>
      ))}
    </Paper>
  );
}
