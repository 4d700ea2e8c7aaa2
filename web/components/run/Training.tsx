'use client';
import { SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { SeriesChart } from '../../charts/SeriesChart.tsx';
import { chartsOf, type Series, stages } from '../../lib/series.ts';
import { Section } from '../display/Section.tsx';

/** Curves of what was measured at optimiser steps and epochs. */
export function Training({ series }: { series: Series[] }) {
  const charts = chartsOf(series);
  const shown = stages.filter((stage) => charts.some((chart) => chart.stage === stage));
  return (
    <Section title="Training curves" description="Over optimiser steps. Drag to look closer, double-click to see everything.">
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
                  <div key={chart.title} style={{ minWidth: 0 }}>
                    <Text size="sm" c="dimmed" fw={520} mb={4}>
                      {chart.title}
                    </Text>
                    <SeriesChart chart={chart} />
                  </div>
                ))}
            </SimpleGrid>
          </div>
        ))}
      </Stack>
    </Section>
  );
}
