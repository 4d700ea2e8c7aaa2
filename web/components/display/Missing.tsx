import { Button, EmptyState } from '@mantine/core';
import Link from 'next/link';
import type { ReactNode } from 'react';

export interface MissingProps {
  icon: ReactNode;
  title: string;
  description: string;
  /** The list to go on from, and what its button says. */
  href: string;
  action: string;
}

/** Stands for a page whose record does not exist. */
export function Missing({ icon, title, description, href, action }: MissingProps) {
  return (
    <EmptyState mt={80} icon={icon} title={<h1 style={{ font: 'inherit', margin: 0 }}>{title}</h1>} description={description}>
      <Button component={Link} href={href} mt="md" variant="default">
        {action}
      </Button>
    </EmptyState>
  );
}
