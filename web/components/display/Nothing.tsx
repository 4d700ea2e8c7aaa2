import { EmptyState, Paper } from '@mantine/core';
import type { TablerIcon } from '@tabler/icons-react';
import type { ReactNode } from 'react';

interface NothingProps {
  icon: TablerIcon;
  title: string;
  /** How something comes to be here. */
  description: string;
  children?: ReactNode;
}

/** Stands for a list without entries. */
export function Nothing({ icon: Icon, title, description, children }: NothingProps) {
  return (
    <Paper p="xl">
      <EmptyState icon={<Icon size={40} stroke={1.4} />} title={title} description={description} />
      {children}
    </Paper>
  );
}
