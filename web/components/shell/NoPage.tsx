'use client';
import { Button, Container, EmptyState } from '@mantine/core';
import Link from 'next/link';
import { Logo } from './Logo.tsx';

export function NoPage() {
  return (
    <Container component="main" py={120}>
      <EmptyState
        icon={<Logo size={44} />}
        title={<h1 style={{ font: 'inherit', margin: 0 }}>There is no such page</h1>}
        description="The address may be mistyped, or what it showed is gone."
      >
        <Button component={Link} href="/" mt="md">
          All runs
        </Button>
      </EmptyState>
    </Container>
  );
}
