'use client';
import { Button, Container, EmptyState } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';

export default function PageFailure({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <Container py={120}>
      <EmptyState
        icon={<IconAlertTriangle size={40} stroke={1.5} />}
        title={<h1 style={{ font: 'inherit', margin: 0 }}>This page could not be drawn</h1>}
        description={error.message}
      >
        <Button onClick={reset} mt="md">
          Try again
        </Button>
      </EmptyState>
    </Container>
  );
}
