'use client';
import { Anchor, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconClock } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useClient } from 'urql';
import { basePath } from '../../lib/base-path.ts';
import { count } from '../../lib/format.ts';
import { datasetWord, spaced } from '../../lib/words.ts';
import { type Dataset, devicesUpdates } from '../../queries/lab.ts';
import { Fact } from '../display/Fact.tsx';
import { Problems } from '../display/Problems.tsx';
import { Unbroken } from '../display/Unbroken.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { PageSkeleton } from '../shell/PageSkeleton.tsx';
import { Devices } from './Devices.tsx';
import classes from './System.module.css';
import { useSystem } from './use-system.ts';

export function SystemPage() {
  const client = useClient();
  const [{ data, error, fetching }, refresh] = useSystem();
  const known = data?.devices.length;
  useEffect(() => {
    const { unsubscribe } = client.subscription(devicesUpdates, {}).subscribe(({ data: live }) => {
      if (live && live.devicesUpdated.length !== known) refresh({ requestPolicy: 'network-only' });
    });
    return unsubscribe;
  }, [client, known, refresh]);
  return (
    <>
      <PageHeader title="Devices and data" description="What computes here, and the images that runs can use." />
      <Problems error={error} title="The devices could not be read" />
      {!data && fetching && <PageSkeleton />}
      {data && (
        <Stack gap="xl">
          <Devices devices={data.devices} />
          <section aria-labelledby="datasets">
            <Title order={2} id="datasets" mb="sm">
              Datasets
            </Title>
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              {data.datasets.map((dataset) => (
                <DatasetCard key={dataset.name} dataset={dataset} />
              ))}
            </SimpleGrid>
          </section>
          <section aria-labelledby="server">
            <Title order={2} id="server" mb="sm">
              Server
            </Title>
            <Paper component="dl" m={0} p="md" className={classes.facts}>
              <Fact label="RiftLab">{data.server.version}</Fact>
              <Fact label="Postgres">
                {data.server.postgres}
                {data.server.embedded && ', run by RiftLab'}
              </Fact>
              <Fact label="API">
                <Anchor href={`${basePath}/graphql`} size="sm">
                  GraphiQL
                </Anchor>
              </Fact>
            </Paper>
          </section>
        </Stack>
      )}
    </>
  );
}

/** `Train, Holdout and Test are` */
function unofficial(splits: Dataset['splits']): string {
  const names = splits.filter(({ official }) => official === false).map(({ name }) => spaced(name));
  return names.length === 1 ? `${names[0]} is` : `${names.slice(0, -1).join(', ')} and ${names.at(-1)} are`;
}

const signs = { READY: IconCircleCheck, MISSING: IconAlertTriangle, PREPARING: IconClock, FAILED: IconAlertTriangle };

function DatasetCard({ dataset }: { dataset: Dataset }) {
  const { name, state, classes: labels, shape, splits, hint } = dataset;
  const Sign = signs[state];
  return (
    <Paper p="md" className={classes.card}>
      <Group justify="space-between" wrap="nowrap">
        <Text fw={600} size="sm">
          {datasetWord(name)}
        </Text>
        <span className={classes.state} data-state={state.toLowerCase()}>
          <Sign size={15} stroke={1.9} aria-hidden /> <span role="status">{spaced(state)}</span>
        </span>
      </Group>
      <dl className={classes.facts}>
        {shape.every((side) => side > 0) && <Fact label="Images">{shape.join(' × ')}</Fact>}
        {labels > 0 && <Fact label="Classes">{labels}</Fact>}
        {splits
          .filter(({ images }) => images > 0)
          .map((split) => (
            <Fact key={split.name} label={spaced(split.name)}>
              {count(split.images)}
            </Fact>
          ))}
      </dl>
      {splits.some(({ official }) => official === false) && (
        <Text size="xs" className={classes.notice}>
          {unofficial(splits)} not the images that the dataset's authors published. Numbers on them compare with each other only; their
          protocol names the content.
        </Text>
      )}
      {hint && (
        <Text size="xs" c="dimmed" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          <Unbroken text={hint} />
        </Text>
      )}
    </Paper>
  );
}
