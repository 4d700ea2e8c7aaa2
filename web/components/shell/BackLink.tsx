import { Anchor } from '@mantine/core';
import Link from 'next/link';

/** From the page of one thing to the list of all. */
export function BackLink({ href, children }: { href: string; children: string }) {
  return (
    <Anchor component={Link} href={href} size="sm" c="dimmed" style={{ alignSelf: 'flex-start' }}>
      {children}
    </Anchor>
  );
}
