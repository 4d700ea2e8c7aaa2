import { Button, Group, SimpleGrid, Table } from '@mantine/core';
import { IconRepeat } from '@tabler/icons-react';
import Link from 'next/link';
import type { RunPageRun } from '../../queries/run.ts';
import { CodeBlock } from '../display/CodeBlock.tsx';
import { Section } from '../display/Section.tsx';

/** Everything that would start this run again. */
export function Configuration({ run }: { run: RunPageRun }) {
  return (
    <Section
      title="Configuration"
      description="Every setting as it was resolved when the run was started."
      actions={
        run.kind !== 'EXTERNAL' && (
          <Group>
            <Button
              component={Link}
              href={`/new?from=${encodeURIComponent(run.id)}`}
              variant="default"
              leftSection={<IconRepeat size={16} />}
            >
              Start again
            </Button>
          </Group>
        )
      }
    >
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Table.ScrollContainer minWidth={0} mah={520} type="native" tabIndex={0}>
          <Table aria-label="Parameters">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Parameter</Table.Th>
                <Table.Th>Value</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {run.params.map(({ key, value }) => (
                <Table.Tr key={key}>
                  <Table.Td c="dimmed">{key}</Table.Td>
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
        <CodeBlock code={JSON.stringify(run.config, null, 2)} what="configuration" maxHeight={520} />
      </SimpleGrid>
    </Section>
  );
}
