'use client';
import { TagsInput } from '@mantine/core';
import { unbroken } from '../display/Unbroken.tsx';
import type { ControlProps } from './control.ts';
import { useForm } from './form-context.ts';
import { useCheckpoint } from './use-checkpoints.ts';

/** Names of modules; those of the chosen checkpoint are suggested. */
export function ModulesField({ path, ...props }: ControlProps) {
  const { values, set, problems } = useForm();
  const chosen = [values.checkpoint, values.base, values['model.checkpoint']].find((id) => id !== undefined);
  const modules = useCheckpoint((chosen as string | undefined) ?? null)?.modules.map(({ name }) => name) ?? [];
  return (
    <TagsInput
      {...props}
      data={modules}
      value={[...((values[path] as string[] | undefined) ?? [])]}
      onChange={(next) => set(path, next)}
      error={unbroken(problems[path])}
      clearable
    />
  );
}
