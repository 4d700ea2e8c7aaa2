import { Group, Paper, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface SectionProps {
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A titled card of a page. */
export function Section({ title, description, actions, children }: SectionProps) {
  return (
    <Paper component="section" p={{ base: 'md', sm: 'lg' }} style={{ minWidth: 0 }} aria-label={title}>
      <Group justify="space-between" align="flex-start" gap="xs" mb="md">
        <div style={{ minWidth: 0, flex: '1 1 220px' }}>
          <Title order={2}>{title}</Title>
          {description && (
            <Text size="sm" c="dimmed" mt={2} component="div">
              {description}
            </Text>
          )}
        </div>
        {actions}
      </Group>
      {children}
    </Paper>
  );
}
