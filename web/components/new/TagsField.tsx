'use client';
import { TagsInput } from '@mantine/core';
import type { Tag } from '../../lib/form/values.ts';
import { unbroken } from '../display/Unbroken.tsx';
import type { ControlProps } from './control.ts';
import { useForm } from './form-context.ts';

const write = ({ key, value }: Tag) => (value ? `${key}=${value}` : key);
const read = (text: string): Tag => {
  const [key = '', ...rest] = text.split('=');
  return { key: key.trim(), value: rest.join('=').trim() };
};

export function TagsField({ path, ...props }: ControlProps) {
  const { values, set, problems } = useForm();
  const tags = (values[path] as readonly Tag[] | undefined) ?? [];
  return (
    <TagsInput
      {...props}
      placeholder="key=value, then Enter"
      value={tags.map(write)}
      onChange={(texts) => set(path, texts.length === 0 ? undefined : texts.map(read))}
      error={unbroken(problems[path])}
    />
  );
}
