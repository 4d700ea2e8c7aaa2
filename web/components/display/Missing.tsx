import { Button, EmptyState } from '@mantine/core';
import type { TablerIcon } from '@tabler/icons-react';
import Link from 'next/link';
import type { CombinedError } from 'urql';
import { PageSkeleton } from '../shell/PageSkeleton.tsx';
import { Problems } from './Problems.tsx';

interface MissingProps {
  fetching: boolean;
  error: CombinedError | undefined;
  /** The title of an error. */
  unread: string;
  icon: TablerIcon;
  title: string;
  description: string;
  /** The list to go on from, and what its button says. */
  href: string;
  action: string;
}

/** Stands for a page whose record is not there: not yet, not readable, or not existing. */
export function Missing({ fetching, error, unread, icon: Icon, title, description, href, action }: MissingProps) {
  if (error) return <Problems error={error} title={unread} />;
  if (fetching) return <PageSkeleton />;
  return (
    <EmptyState
      mt={80}
      icon={<Icon size={40} stroke={1.4} />}
      title={<h1 style={{ font: 'inherit', margin: 0 }}>{title}</h1>}
      description={description}
    >
      <Button component={Link} href={href} mt="md" variant="default">
        {action}
      </Button>
    </EmptyState>
  );
}
