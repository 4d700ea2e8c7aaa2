'use client';
import { SimpleGrid, Text, Title } from '@mantine/core';
import { SeriesChart } from '../../charts/SeriesChart.tsx';
import { chartsOf, type Series } from '../../lib/series.ts';
import { Section } from '../display/Section.tsx';

/** Curves of what was measured at optimiser steps and epochs. */
export function Training({ series }: { series: Series[] }) {
  const charts = chartsOf(series);
  return (
    <Section title="Training curves" description="Over optimiser steps. Drag to look closer, double-click to see everything.">
      {charts.length === 0 && (
        <Text c="dimmed" size="sm" py="lg">
          Curves appear here once training has made its first steps.
        </Text>
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl" verticalSpacing="lg">
        {charts.map((chart) => (
          <div key={chart.title} style={{ minWidth: 0 }}>
            <Title order={3} mb="xs">
              {chart.title}
            </Title>
            <SeriesChart chart={chart} />
          </div>
        ))}
      </SimpleGrid>
    </Section>
  );
}
