import { Paper } from '@mantine/core';
import { aheadWord, datasetWord, isLive, kindWord, networkWord, together, variantWord } from '../../lib/words.ts';
import type { RunPageRun } from '../../queries/run.ts';
import { Fact } from '../display/Fact.tsx';
import { Elapsed, QueuedFor, Remaining, Time } from '../display/Time.tsx';
import classes from './Run.module.css';

const protocols: Record<string, string> = { HOLD_OUT: 'Held-out images', PAPER: 'Test images, as in the paper' };

/** What the run is about, in one row. */
export function RunFacts({ run }: { run: RunPageRun }) {
  const param = (key: string) => run.params.find((other) => other.key === key)?.value;
  const protocol = param('protocol');
  const live = isLive(run.state);
  return (
    <Paper component="dl" className={classes.facts} m={0} px={{ base: 'md', sm: 'lg' }} py="md">
      <Fact label="Kind">{kindWord(run.kind)}</Fact>
      <Fact label="Network">{together(networkWord(param), variantWord(param('variant'))) || '–'}</Fact>
      <Fact label="Dataset">{datasetWord(param('dataset'))}</Fact>
      {protocol && run.kind !== 'EVALUATION' && <Fact label="Chosen on">{protocols[protocol] ?? protocol}</Fact>}
      <Fact label="Project">{run.project.name}</Fact>
      <Fact label="Seed">{run.seed ?? '–'}</Fact>
      <Fact label="Device">{run.device?.name ?? (live ? 'Waiting for one' : '–')}</Fact>
      <Fact label={run.startedAt ? 'Started' : 'Queued'}>
        {run.startedAt ? <Time at={run.startedAt} /> : live ? <QueuedFor since={run.createdAt} /> : <Time at={run.createdAt} />}
        {run.createdBy && ` by ${run.createdBy.name}`}
      </Fact>
      {run.runsAhead !== null && <Fact label="Its turn">{aheadWord(run.runsAhead)}</Fact>}
      {run.startedAt && run.state !== 'QUEUED' && (
        <Fact label={live ? 'Elapsed' : 'Took'}>
          <Elapsed from={run.startedAt} to={run.finishedAt} />
        </Fact>
      )}
      {run.state === 'RUNNING' && run.progress.etaSeconds != null && (
        <Fact label="Time left">
          about <Remaining seconds={run.progress.etaSeconds} />
        </Fact>
      )}
    </Paper>
  );
}
