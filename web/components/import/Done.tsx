'use client';
import { Alert, Button, Group, Text } from '@mantine/core';
import { IconCopyCheck, IconPlayerPlay, IconRuler2 } from '@tabler/icons-react';
import Link from 'next/link';
import { compact } from '../../lib/format.ts';
import { datasetWord } from '../../lib/words.ts';
import type { Imported } from '../../queries/import.ts';
import { Section } from '../display/Section.tsx';

/** What can be done next with a checkpoint that was imported. */
export function Done({ checkpoint, onOther }: { checkpoint: Imported; onOther(): void }) {
  const { id, name, network, dataset, parameters, importNote } = checkpoint;
  return (
    <Section
      title={importNote ? 'Here already' : 'Imported'}
      description={`${network} for ${datasetWord(dataset)}, ${compact(parameters)} parameters`}
    >
      {importNote && (
        <Alert color="yellow" icon={<IconCopyCheck size={18} />} title="Nothing new was imported" mb="md" role="status">
          <span style={{ overflowWrap: 'anywhere' }}>{importNote}</span>
        </Alert>
      )}
      <Text mb="md" style={{ overflowWrap: 'anywhere' }} role="status">
        {name} is {id}. Measure it before you build on it: an accuracy that is far from what its authors report is most often a wrong
        normalisation.
      </Text>
      <Group gap="sm">
        <Button component={Link} href={`/new?kind=evaluation&checkpoint=${id}`} leftSection={<IconRuler2 size={17} />}>
          Measure
        </Button>
        <Button component={Link} href={`/new?kind=rift&checkpoint=${id}`} variant="light" leftSection={<IconPlayerPlay size={17} />}>
          RiFT from it
        </Button>
        <Button component={Link} href={`/checkpoints/${id}`} variant="default">
          Its page
        </Button>
        <Button variant="default" onClick={onOther}>
          Import another
        </Button>
      </Group>
    </Section>
  );
}
