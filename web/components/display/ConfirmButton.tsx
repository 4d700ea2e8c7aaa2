'use client';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { Unless } from './Unless.tsx';

interface ConfirmButtonProps {
  /** What it does: Remove */
  label: string;
  /** What the first press asks: Really remove? */
  question: string;
  /** Name of what it is done to, which only the place of the button shows otherwise. */
  of: string;
  color?: string;
  /** Why it may not be pressed, where that is so. */
  refusal?: string | null;
  loading: boolean;
  onConfirm(): void;
}

/** Does something only when it is pressed a second time; looking elsewhere takes the first press back. */
export function ConfirmButton({ label, question, of, color, refusal, loading, onConfirm }: ConfirmButtonProps) {
  const [asked, setAsked] = useState(false);
  const press = () => {
    setAsked(!asked);
    if (asked) onConfirm();
  };
  const shown = asked ? question : label;
  return (
    <Unless reason={refusal}>
      <Button
        size="compact-sm"
        color={color}
        variant={asked ? 'filled' : 'subtle'}
        loading={loading}
        onClick={press}
        onBlur={() => setAsked(false)}
        aria-label={`${shown} ${of}`}
      >
        {shown}
      </Button>
    </Unless>
  );
}
