'use client';
import { Alert, Button, SimpleGrid, Stack, Tabs } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { IconAlertTriangle, IconFlaskOff } from '@tabler/icons-react';
import dynamic from 'next/dynamic';
import { kindWord } from '../../lib/words.ts';
import { useAddress } from '../display/address.ts';
import { Missing } from '../display/Missing.tsx';
import { Problems } from '../display/Problems.tsx';
import { Unbroken } from '../display/Unbroken.tsx';
import { BackLink } from '../shell/BackLink.tsx';
import { Configuration } from './Configuration.tsx';
import { DeletedNotice } from './DeletedNotice.tsx';
import { Notes } from './Notes.tsx';
import { RunFacts } from './RunFacts.tsx';
import { RunHeader } from './RunHeader.tsx';
import { RunLog } from './RunLog.tsx';
import { Stages } from './Stages.tsx';
import { useRun } from './use-run.ts';
import { Weights } from './Weights.tsx';

const Criticality = dynamic(() => import('./Criticality.tsx').then((module) => module.Criticality));
const Curve = dynamic(() => import('./Curve.tsx').then((module) => module.Curve));
const Training = dynamic(() => import('./Training.tsx').then((module) => module.Training));
const Evaluations = dynamic(() => import('./Evaluations.tsx').then((module) => module.Evaluations));

export function RunPage({ id }: { id: string }) {
  const { read, write } = useAddress();
  const { run, error, fetching, records, recordsRead, logRead, curves, problem, readAgain } = useRun(id);
  useDocumentTitle(run ? `${run.name} · RiftLab` : 'Run · RiftLab');
  if (!run)
    return (
      <Missing
        fetching={fetching}
        error={error}
        unread="The run could not be read"
        icon={IconFlaskOff}
        title="There is no such run"
        description="It may have been deleted, or the address is mistyped."
        href="/"
        action="All runs"
      />
    );
  const isRunning = (stage: string) => run.stages.some(({ name, state }) => name === stage && state === 'RUNNING');
  /** Results stand above the way to them; what has not begun has no place yet. */
  const shown = (stage: string, known: number) => known > 0 || isRunning(stage);
  return (
    <Stack gap="lg">
      <BackLink href="/">Runs</BackLink>
      <RunHeader run={run} />
      {run.deletedAt && <DeletedNotice id={run.id} at={run.deletedAt} />}
      {run.error && (
        <Alert
          color="red"
          icon={<IconAlertTriangle size={18} />}
          title={run.error.stage ? `Failed in ${kindWord(run.error.stage).toLowerCase()}` : 'Failed'}
          role="alert"
        >
          <div style={{ whiteSpace: 'pre-wrap' }}>{run.error.message}</div>
          {run.error.hint && (
            <div style={{ marginTop: 6 }}>
              <Unbroken text={run.error.hint} />
            </div>
          )}
        </Alert>
      )}
      <Problems
        error={problem}
        title="Not all that is recorded of this run could be read"
        action={
          <Button variant="default" size="compact-sm" onClick={readAgain}>
            Read it again
          </Button>
        }
        mb={0}
      />
      <RunFacts run={run} />
      <Stages run={run} />
      {shown('INTERPOLATION', records.points.length) && (
        <Curve run={run} points={records.points} sweep={records.sweep} read={recordsRead} />
      )}
      {shown('EVALUATION', records.evaluations.length) && (
        <Evaluations
          evaluations={records.evaluations}
          base={records.sweep?.base?.id ?? null}
          run={run.name}
          read={recordsRead}
          external={run.kind === 'EXTERNAL'}
        />
      )}
      {shown('CRITICALITY', records.scores.length) && <Criticality run={run} scores={records.scores} read={recordsRead} />}
      {(shown('TRAINING', curves.series.length) || isRunning('FINE_TUNE')) && (
        <Training series={curves.series} more={curves.more} onMore={curves.showMore} external={run.kind === 'EXTERNAL'} />
      )}
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Weights run={run} />
        <Notes run={run} />
      </SimpleGrid>
      <Tabs
        value={read('tab') ?? 'log'}
        onChange={(tab) => write({ values: { tab: tab === 'log' ? null : tab } })}
        keepMounted={false}
        aria-label="Details"
      >
        <Tabs.List>
          <Tabs.Tab value="log">Log</Tabs.Tab>
          <Tabs.Tab value="configuration">Configuration</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="log" pt="sm">
          <RunLog lines={records.lines} read={logRead} state={run.state} />
        </Tabs.Panel>
        <Tabs.Panel value="configuration" pt="sm">
          <Configuration run={run} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
