'use client';
import { Button, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { SeriesChart } from '../../charts/SeriesChart.tsx';
import { count } from '../../lib/format.ts';
import { chartsOf, type Series, stages } from '../../lib/series.ts';
import { Section } from '../display/Section.tsx';

interface TrainingProps {
  series: Series[];
  /** Metrics that are not read yet. */
  more: number;
  onMore(): void;
  /** Executed elsewhere: its series are whatever a script logs. */
  external: boolean;
}

/** Curves of what was measured at optimiser steps and epochs. */
export function Training({ series, more, onMore, external }: TrainingProps) {
  const charts = chartsOf(series);
  const shown = stages.filter((stage) => charts.some((chart) => chart.stage === stage));
  return (
    <Section
      title={external ? 'Metrics' : 'Training curves'}
      description={`Over ${external ? '' : 'optimiser '}steps. Drag to look closer, double-click to see everything.`}
    >
      {charts.length === 0 && (
        <Text c="dimmed" size="sm" py="lg">
          Curves appear here after the first steps.
        </Text>
      )}
      <Stack gap="lg">
        {shown.map((stage) => (
          <div key={stage}>
            {shown.length > 1 && (
              <Title order={3} mb="xs">
                {stage}
              </Title>
            )}
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="lg" verticalSpacing="lg">
              {charts
                .filter((chart) => chart.stage === stage)
                .map((chart) => (
                  <div key={`${chart.title} ${chart.kind}`} style={{ minWidth: 0 }}>
                    <SeriesChart chart={chart} />
                  </div>
                ))}
            </SimpleGrid>
          </div>
        ))}
      </Stack>
      {more > 0 && (
        <Group mt="md" gap="sm">
          <Button variant="default" onClick={onMore}>
            Show more metrics
          </Button>
          <Text size="sm" c="dimmed">
            {count(more)} {more === 1 ? 'is' : 'are'} not shown yet.
          </Text>
        </Group>
      )}
    </Section>
  );
}
