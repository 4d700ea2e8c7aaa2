'use client';
import { Alert, Anchor, Button, Group, Paper, Pill, Stack, Table, Text } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { IconAlertTriangle, IconDownload, IconPlayerPlay, IconRuler2, IconStackPop, IconTrophy } from '@tabler/icons-react';
import Link from 'next/link';
import { useQuery } from 'urql';
import { bytes, count, decimalsOf } from '../../lib/format.ts';
import { datasetWord, variantWord } from '../../lib/words.ts';
import { type CheckpointPage as Checkpoint, checkpointPage } from '../../queries/checkpoints.ts';
import { CopyIcon } from '../display/CopyIcon.tsx';
import { Fact } from '../display/Fact.tsx';
import { Missing } from '../display/Missing.tsx';
import { NetworkOptions } from '../display/NetworkOptions.tsx';
import { Section } from '../display/Section.tsx';
import { Time } from '../display/Time.tsx';
import { Unless, useRefusal } from '../display/Unless.tsx';
import { EvaluationTables } from '../run/EvaluationTables.tsx';
import runClasses from '../run/Run.module.css';
import { BackLink } from '../shell/BackLink.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';

export function CheckpointPage({ id }: { id: string }) {
  const [{ data, error, fetching }] = useQuery({ query: checkpointPage, variables: { id } });
  const checkpoint = data?.checkpoint;
  useDocumentTitle(checkpoint ? `${checkpoint.name} · RiftLab` : 'Checkpoint · RiftLab');
  if (!checkpoint)
    return (
      <Missing
        fetching={fetching}
        error={error}
        unread="The checkpoint could not be read"
        icon={IconStackPop}
        title="There is no such checkpoint"
        description="The address may be mistyped."
        href="/checkpoints"
        action="All checkpoints"
      />
    );
  return (
    <Stack gap="lg">
      <BackLink href="/checkpoints">Checkpoints</BackLink>
      <PageHeader
        mb={0}
        title={checkpoint.name}
        actions={
          <Group gap="xs">
            {checkpoint.damage === null && <Uses id={checkpoint.id} />}
            <Button
              component="a"
              variant="default"
              href={entryAddress(checkpoint.robustBenchEntry)}
              download={`${checkpoint.name.replaceAll(/[^\w.-]+/g, '_')}.json`}
              leftSection={<IconTrophy size={16} />}
            >
              RobustBench entry
            </Button>
            {checkpoint.damage === null && (
              <Button component="a" variant="default" href={checkpoint.url} download leftSection={<IconDownload size={16} />}>
                Download, {bytes(checkpoint.bytes)}
              </Button>
            )}
          </Group>
        }
      />
      {checkpoint.damage && (
        <Alert color="red" icon={<IconAlertTriangle size={18} />} title="These weights cannot be used" role="alert">
          {checkpoint.damage}
        </Alert>
      )}
      <Facts checkpoint={checkpoint} />
      <Section title="Evaluations">
        {checkpoint.evaluations.length === 0 ? (
          <Text size="sm" c="dimmed">
            These weights have not been measured yet.
          </Text>
        ) : (
          <EvaluationTables evaluations={checkpoint.evaluations} ofOne />
        )}
      </Section>
      <Modules checkpoint={checkpoint} />
    </Stack>
  );
}

/** What begins with these weights: the form, filled in with them. */
function Uses({ id }: { id: string }) {
  const refusal = useRefusal('MEMBER');
  const uses = [
    { kind: 'evaluation', label: 'Measure', Icon: IconRuler2, variant: 'filled' },
    { kind: 'rift', label: 'RiFT from it', Icon: IconPlayerPlay, variant: 'light' },
  ];
  return uses.map(({ kind, label, Icon, variant }) => (
    <Unless key={kind} reason={refusal}>
      <Button component={Link} variant={variant} href={`/new?kind=${kind}&checkpoint=${id}`} leftSection={<Icon size={16} />}>
        {label}
      </Button>
    </Unless>
  ));
}

const isIdentity = ({ mean, sd }: NonNullable<Checkpoint['normalisation']>) =>
  mean.every((value) => value === 0) && sd.every((value) => value === 1);

/** A file of what RobustBench would say, made in the browser. */
const entryAddress = (entry: unknown) => `data:application/json;charset=utf-8,${encodeURIComponent(JSON.stringify(entry, null, 2))}`;

function Facts({ checkpoint }: { checkpoint: Checkpoint }) {
  const { network, architectureOptions, normalisation, variant, dataset, parameters, createdAt, producedBy } = checkpoint;
  const { base, sha256, id, chosenOn, trainedOn } = checkpoint;
  return (
    <Paper component="dl" className={runClasses.facts} m={0} px={{ base: 'md', sm: 'lg' }} py="md">
      <Fact label="Network">{network}</Fact>
      <NetworkOptions options={architectureOptions} />
      {normalisation && (
        <Fact label="Pixels are normalised with">
          {isIdentity(normalisation) ? 'nothing' : `mean ${normalisation.mean.join(', ')}; sd ${normalisation.sd.join(', ')}`}
        </Fact>
      )}
      <Fact label="Trained by">{variantWord(variant)}</Fact>
      <Fact label="Dataset">{datasetWord(dataset)}</Fact>
      <Fact label="Parameters">{count(parameters)}</Fact>
      <Fact label="Stored">
        <Time at={createdAt} />
      </Fact>
      {producedBy && (
        <Fact label="From the run">
          <Anchor component={Link} href={`/runs/${producedBy.id}`} size="sm">
            {producedBy.name}
          </Anchor>
        </Fact>
      )}
      {base && (
        <Fact label="Differs from">
          <Anchor component={Link} href={`/checkpoints/${base.id}`} size="sm">
            {base.name}
          </Anchor>
        </Fact>
      )}
      {chosenOn.length > 0 && <Fact label="Chosen on">{chosenOn.join(', ')}</Fact>}
      {trainedOn.length > 0 && <Fact label="Trained on">{trainedOn.join(', ')}</Fact>}
      <Fact label="Id">
        <Group gap={4} wrap="nowrap">
          {id} <CopyIcon value={id} what="id" />
        </Group>
      </Fact>
      <Fact label="SHA-256">
        <Group gap={4} wrap="nowrap">
          <Text span size="sm" ff="monospace" title={sha256}>
            {sha256.slice(0, 12)}…
          </Text>
          <CopyIcon value={sha256} what="SHA-256" />
        </Group>
      </Fact>
    </Paper>
  );
}

function Modules({ checkpoint }: { checkpoint: Checkpoint }) {
  const changed = new Set(checkpoint.changedModules);
  const normText = decimalsOf(checkpoint.modules.map(({ norm }) => norm));
  return (
    <Section
      title="Modules"
      description={
        changed.size > 0
          ? `In network order; ${changed.size === 1 ? 'one differs' : `${changed.size} differ`} from the base.`
          : 'In network order.'
      }
    >
      <Table.ScrollContainer minWidth={280}>
        <Table aria-label="Modules">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Module</Table.Th>
              <Table.Th visibleFrom="sm">Shape</Table.Th>
              <Table.Th ta="right">Parameters</Table.Th>
              <Table.Th ta="right">Norm (ℓ2)</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {checkpoint.modules.map(({ name, shape, parameters, norm }) => (
              <Table.Tr key={name}>
                <Table.Td ff="monospace" fz="xs" style={{ overflowWrap: 'anywhere' }}>
                  {name} {changed.has(name) && <Pill size="xs">changed</Pill>}
                  <Text size="xs" c="dimmed" hiddenFrom="sm" style={{ whiteSpace: 'nowrap' }}>
                    {shape.join(' × ')}
                  </Text>
                </Table.Td>
                <Table.Td visibleFrom="sm" style={{ whiteSpace: 'nowrap' }}>
                  {shape.join(' × ')}
                </Table.Td>
                <Table.Td ta="right">{count(parameters)}</Table.Td>
                <Table.Td ta="right">{normText(norm)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  );
}
