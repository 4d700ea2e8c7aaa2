import { Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface PageHeaderProps {
  title: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  /** Room below, in the theme's names; 0 where a stack makes it. */
  mb?: string | number;
}

/** The one h1 of a page, a sentence about it, and what can be done. */
export function PageHeader({ title, description, actions, mb = 'lg' }: PageHeaderProps) {
  return (
    <Group component="header" justify="space-between" align="flex-start" gap="sm" mb={mb}>
      <div style={{ minWidth: 0, flex: '1 1 260px' }}>
        <Title order={1} style={{ overflowWrap: 'anywhere' }}>
          {title}
        </Title>
        {description && (
          <Text c="dimmed" size="sm" mt={4} maw={720} component="div">
            {description}
          </Text>
        )}
      </div>
      {actions && <Group gap="xs">{actions}</Group>}
    </Group>
  );
}
