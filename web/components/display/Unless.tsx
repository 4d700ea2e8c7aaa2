'use client';
import { Tooltip, VisuallyHidden } from '@mantine/core';
import { cloneElement, type MouseEvent, type ReactElement, useId } from 'react';
import { useQuery } from 'urql';
import { allows, type Role } from '../../lib/roles.ts';
import { spaced } from '../../lib/words.ts';
import { viewer } from '../../queries/lab.ts';

/** Why the viewer may not do what needs the role; null when they may, or while that is unknown. */
export function useRefusal(needed: Role): string | null {
  const [{ data }] = useQuery({ query: viewer, requestPolicy: 'cache-first' });
  const role = data?.viewer.role;
  if (!role || allows(role, needed)) return null;
  return `This needs the role ${spaced(needed)}; yours is ${spaced(role)}. Ask an administrator of your lab.`;
}

interface Pressable {
  'data-disabled'?: boolean;
  'aria-disabled'?: boolean;
  'aria-describedby'?: string;
  onClick?: (event: MouseEvent) => void;
}

/** The button as it is, or, where there is a reason against it, one that keeps its place and its focus, does nothing, and says why. */
export function Unless({ reason, children }: { reason: string | null; children: ReactElement<Pressable> }) {
  const id = useId();
  if (!reason) return children;
  const button = cloneElement(children, {
    'data-disabled': true,
    'aria-disabled': true,
    'aria-describedby': id,
    onClick: (event) => event.preventDefault(),
  });
  return (
    <>
      <Tooltip label={reason}>
        <span style={{ display: 'inline-flex' }}>{button}</span>
      </Tooltip>
      <VisuallyHidden id={id}>{reason}</VisuallyHidden>
    </>
  );
}
