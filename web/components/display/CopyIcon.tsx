'use client';
import { ActionIcon, Tooltip, VisuallyHidden } from '@mantine/core';
import { IconCheck, IconCopy, IconCopyOff } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { copyText } from '../../lib/clipboard.ts';

const outcomes = {
  copied: { said: 'Copied', color: 'teal', icon: <IconCheck size={16} /> },
  refused: {
    said: 'This browser does not let the page copy. Select the text and copy it by hand.',
    color: 'red',
    icon: <IconCopyOff size={16} />,
  },
};

/** Copies a text, and says whether that worked; what says of what. */
export function CopyIcon({ value, what }: { value: string; what: string }) {
  const [outcome, setOutcome] = useState<keyof typeof outcomes | null>(null);
  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(() => setOutcome(null), outcome === 'copied' ? 1800 : 8000);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => setOutcome((await copyText(value)) ? 'copied' : 'refused');
  const { said, color, icon } = outcome ? outcomes[outcome] : { said: '', color: 'gray', icon: <IconCopy size={16} /> };
  return (
    <>
      <Tooltip label={said || `Copy ${what}`} {...(outcome && { opened: true })}>
        <ActionIcon variant="subtle" color={color} onClick={copy} aria-label={`Copy ${what}`}>
          {icon}
        </ActionIcon>
      </Tooltip>
      <VisuallyHidden role="status">{said}</VisuallyHidden>
    </>
  );
}
