import { Anchor, Button, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import Link from 'next/link';
import { bytes, compact } from '../../lib/format.ts';
import { isLive } from '../../lib/words.ts';
import type { RunOutput, RunPageRun } from '../../queries/run.ts';
import { Section } from '../display/Section.tsx';
import classes from './Run.module.css';

/** Checkpoints that went in and came out, to look at and to download. */
export function Weights({ run }: { run: RunPageRun }) {
  const inputs = new Set(run.inputs.map(({ id }) => id));
  const all = [...run.inputs, ...run.outputs.filter(({ id }) => !inputs.has(id))];
  return (
    <Section title="Checkpoints" description="Safetensors, in PyTorch's names and layout.">
      {all.length === 0 ? (
        <Text size="sm" c="dimmed">
          {isLive(run.state) ? 'The run has not stored weights yet.' : 'The run stored no weights.'}
        </Text>
      ) : (
        <ul className={classes.weights}>
          {all.map((checkpoint) => (
            <Weight key={checkpoint.id} checkpoint={checkpoint} input={inputs.has(checkpoint.id)} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Weight({ checkpoint, input }: { checkpoint: RunOutput; input: boolean }) {
  const { id, name, network, parameters, bytes: size, url, changedModules } = checkpoint;
  const changed = changedModules.length > 3 ? `${changedModules.length} modules changed` : `${changedModules.join(', ')} changed`;
  return (
    <li className={classes.weight}>
      <div style={{ minWidth: 0 }}>
        <Anchor component={Link} href={`/checkpoints/${id}`} size="sm" fw={550} style={{ overflowWrap: 'anywhere' }}>
          {name}
        </Anchor>
        <Text size="xs" c="dimmed">
          {[input ? 'input' : null, network, `${compact(parameters)} parameters`, changedModules.length > 0 ? changed : null]
            .filter(Boolean)
            .join(' · ')}
        </Text>
      </div>
      <Button
        component="a"
        href={url}
        download
        variant="default"
        size="compact-md"
        leftSection={<IconDownload size={15} />}
        aria-label={`Download ${name}, ${bytes(size)}`}
        style={{ flex: 'none' }}
      >
        {bytes(size)}
      </Button>
    </li>
  );
}
