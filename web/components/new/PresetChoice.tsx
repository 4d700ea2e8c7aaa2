'use client';
import { Radio, SimpleGrid, Text } from '@mantine/core';
import { presets } from '../../lib/form/presets.ts';
import classes from './New.module.css';

interface PresetChoiceProps {
  /** Null while the settings are nobody's but the person's own. */
  value: string | null;
  onChange(name: string): void;
}

/** Ready-made settings, each with what it is. */
export function PresetChoice({ value, onChange }: PresetChoiceProps) {
  return (
    <Radio.Group label="Settings to begin with" value={value ?? ''} onChange={onChange} mb="lg">
      <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm" mt={6}>
        {presets.map(({ name, title, about }) => (
          <Radio.Card key={name} value={name} className={classes.preset} aria-label={`${title}: ${about}`}>
            <Text size="sm" fw={600} component="span" display="block">
              {title}
            </Text>
            <Text size="xs" c="dimmed" component="span" display="block" mt={2}>
              {about}
            </Text>
          </Radio.Card>
        ))}
      </SimpleGrid>
    </Radio.Group>
  );
}
