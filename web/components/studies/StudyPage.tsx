'use client';
import { Anchor, Group, Progress, Stack, Text } from '@mantine/core';
import { IconTable } from '@tabler/icons-react';
import Link from 'next/link';
import { useQuery } from 'urql';
import { duration, roughly } from '../../lib/format.ts';
import { ownSettingsWord, presetWord, publishedWord, scaleWord } from '../../lib/studies.ts';
import { isLive } from '../../lib/words.ts';
import { type Study, studyPage } from '../../queries/studies.ts';
import { CodeBlock } from '../display/CodeBlock.tsx';
import { Missing } from '../display/Missing.tsx';
import { Section } from '../display/Section.tsx';
import { useLiveRuns } from '../runs/use-live-runs.ts';
import { BackLink } from '../shell/BackLink.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { Standing } from './Standing.tsx';
import { StudyActions } from './StudyActions.tsx';
import { StudyFigure } from './StudyFigure.tsx';
import { StudyTable } from './StudyTable.tsx';

/** One study, kept up to date. */
export function StudyPage({ id }: { id: string }) {
  const [{ data, error, fetching }, refresh] = useQuery({ query: studyPage, variables: { id } });
  const again = () => refresh({ requestPolicy: 'network-only' });
  const study = data?.study;
  useLiveRuns(study?.project.name, again);
  if (!study)
    return (
      <Missing
        fetching={fetching}
        error={error}
        unread="The study could not be read"
        icon={IconTable}
        title="There is no such study"
        description="The address may be mistyped."
        href="/studies"
        action="All studies"
      />
    );
  return (
    <Stack gap="lg">
      <BackLink href="/studies">Studies</BackLink>
      <PageHeader
        mb={0}
        title={study.name}
        description={<Standing study={study} />}
        actions={<StudyActions study={study} onChange={again} />}
      />
      <Facts study={study} />
      <Section
        title="Results"
        description={[
          'Accuracy on the test images before and after RiFT: mean ± standard deviation over seeds, of finished runs.',
          publishedWord(study.rows),
          ownSettingsWord(study.preset, study.base),
          scaleWord(study.scale) && `${scaleWord(study.scale)}: these numbers are not comparable with the paper's.`,
        ]
          .filter(Boolean)
          .join(' ')}
      >
        <StudyTable rows={study.rows} />
      </Section>
      <StudyFigure study={study} />
      <Section title="Settings" description={`${presetWord(study.preset)}. What is not given is the preset's, or the API's default.`}>
        <CodeBlock
          code={JSON.stringify({ base: study.base, grid: study.grid, seeds: study.seeds, scale: study.scale }, null, 2)}
          what="settings as given"
          maxHeight={360}
        />
      </Section>
    </Stack>
  );
}

function Facts({ study }: { study: Study }) {
  const { progress, estimatedSeconds } = study;
  return (
    <div>
      <Group gap="sm" mb={6}>
        <Text size="sm">
          {progress.done} of {progress.total} runs finished
          {isLive(study.state) && progress.etaSeconds !== null && `, about ${duration(progress.etaSeconds)} left on the quickest device`}
        </Text>
        <Text size="sm" c="dimmed">
          {estimatedSeconds !== null && `${roughly(estimatedSeconds)} of one device in all · `}
          <Anchor
            component={Link}
            size="sm"
            underline="always"
            href={`/?filter=${encodeURIComponent(`tags.study = '${study.name.replaceAll("'", "''")}'`)}`}
          >
            All its runs
          </Anchor>
        </Text>
      </Group>
      <Progress value={progress.fraction * 100} aria-label="Progress of the study" />
    </div>
  );
}
