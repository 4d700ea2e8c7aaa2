'use client';
import { Tooltip, VisuallyHidden } from '@mantine/core';
import { cloneElement, type ReactElement, type SyntheticEvent, useId } from 'react';
import { useQuery } from 'urql';
import { allows, type Role } from '../../lib/roles.ts';
import { spaced } from '../../lib/words.ts';
import { viewer } from '../../queries/lab.ts';

/** Why the viewer may not do what needs the role; null when they may, undefined while that is unknown. */
export function useRefusal(needed: Role): string | null | undefined {
  const [{ data }] = useQuery({ query: viewer, requestPolicy: 'cache-first' });
  const role = data?.viewer.role;
  if (!role) return undefined;
  if (allows(role, needed)) return null;
  return `This needs the role ${spaced(needed)}; yours is ${spaced(role)}. Ask an administrator of your lab.`;
}

interface Control {
  'data-disabled'?: boolean;
  'aria-disabled'?: boolean;
  'aria-describedby'?: string;
  onClick?: (event: SyntheticEvent) => void;
  onMouseDown?: (event: SyntheticEvent) => void;
  onKeyDown?: (event: KeyboardEvent) => void;
}

type KeyboardEvent = SyntheticEvent & { key: string };

const refuse = (event: SyntheticEvent) => event.preventDefault();

/** Leaves the ways out of the control. */
const refuseKey = (event: KeyboardEvent) => {
  if (!['Tab', 'Escape'].includes(event.key)) event.preventDefault();
};

/**
 * The button or native select as it is, or, where there is a reason against it, one that keeps its place and its focus, does
 * nothing, and says why.
 */
export function Unless({ reason, children }: { reason: string | null | undefined; children: ReactElement<Control> }) {
  const id = useId();
  if (!reason) return children;
  const control = cloneElement(children, {
    'data-disabled': true,
    'aria-disabled': true,
    'aria-describedby': id,
    onClick: refuse,
    onMouseDown: refuse,
    onKeyDown: refuseKey,
  });
  return (
    <>
      <Tooltip label={reason} events={{ hover: true, focus: true, touch: true }}>
        <span style={{ display: 'inline-flex' }}>{control}</span>
      </Tooltip>
      <VisuallyHidden id={id}>{reason}</VisuallyHidden>
    </>
  );
}
