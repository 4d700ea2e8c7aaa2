'use client';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { type ReactNode, useState } from 'react';
import { theme, variables } from '../../lib/theme.ts';

/** nonce: of the document's first request, for styles that are made later. */
export function Providers({ nonce, children }: { nonce: string | undefined; children: ReactNode }) {
  const [styleNonce] = useState(nonce);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto" getStyleNonce={() => styleNonce ?? ''}>
      <Notifications position="bottom-right" autoClose={4500} />
      {children}
    </MantineProvider>
  );
}
