'use client';
import { Button, Stack, Text } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { type DragEvent, useRef, useState } from 'react';
import { Unless, useRefusal } from '../display/Unless.tsx';
import classes from './Import.module.css';

/** Takes a file that is dropped or chosen. */
export function DropZone({ onFile }: { onFile(file: File): void }) {
  const refusal = useRefusal('MEMBER');
  const field = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = (files: FileList | null) => {
    const file = files?.[0];
    if (file && !refusal) onFile(file);
  };
  const drag = (inside: boolean) => (event: DragEvent) => {
    event.preventDefault();
    setOver(inside);
  };
  return (
    <section
      aria-label="File"
      className={classes.zone}
      data-over={over || undefined}
      onDragEnter={drag(true)}
      onDragOver={drag(true)}
      onDragLeave={drag(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer.files);
      }}
    >
      <Stack align="center" gap="xs">
        <IconFileUpload size={40} stroke={1.4} aria-hidden />
        <Text fw={560}>Drop a checkpoint here</Text>
        <Text size="sm" c="dimmed" maw={520} ta="center">
          What torch.save wrote (.pt, .pth, .th, .tar), with the weights at the top or inside a dict, or safetensors. Nothing in it is run.
        </Text>
        <input
          ref={field}
          type="file"
          hidden
          aria-label="Checkpoint file"
          onChange={(event) => {
            take(event.currentTarget.files);
            event.currentTarget.value = '';
          }}
        />
        <Unless reason={refusal}>
          <Button mt="xs" onClick={() => field.current?.click()}>
            Choose a file
          </Button>
        </Unless>
      </Stack>
    </section>
  );
}
