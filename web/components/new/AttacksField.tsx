'use client';
import { TagsInput } from '@mantine/core';
import { readAttack, writeAttack } from '../../lib/form/attacks.ts';
import type { Item } from '../../lib/form/values.ts';
import { attackNames, attackWord } from '../../lib/words.ts';
import { unbroken } from '../display/Unbroken.tsx';
import type { ControlProps } from './control.ts';
import { useForm } from './form-context.ts';

/** Attacks to choose from, each with its own settings behind its name where the usual ones do not do. */
export function AttacksField({ path, description, placeholder: _, ...props }: ControlProps) {
  const { values, set, problems } = useForm();
  const attacks = (values[path] as readonly Item[] | undefined) ?? [];
  return (
    <TagsInput
      {...props}
      description={`${description ?? ''} Settings follow the name: SQUARE queries=1000.`}
      placeholder={attacks.length === 0 ? 'Choose, or write one and press Enter' : undefined}
      data={attackNames}
      renderOption={({ option }) => `${option.value}: ${attackWord(option.value)}`}
      splitChars={[',']}
      value={attacks.map(writeAttack)}
      onChange={(texts) => set(path, texts.length === 0 ? undefined : texts.map(readAttack))}
      error={unbroken(problems[path])}
    />
  );
}
