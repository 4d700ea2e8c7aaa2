'use client';
import { architectureExample } from '../../lib/words.ts';
import { JsonInput } from '../display/JsonInput.tsx';
import { unbroken } from '../display/Unbroken.tsx';
import type { ControlProps } from './control.ts';
import { useForm } from './form-context.ts';

/** A value that the API takes as JSON. Options of an architecture show an example of the chosen one. */
export function JsonField({ path, placeholder, ...props }: ControlProps) {
  const { values, set, problems } = useForm();
  const architecture = path.endsWith('architectureOptions') ? values[path.replace(/Options$/, '')] : undefined;
  return (
    <JsonInput
      {...props}
      placeholder={(typeof architecture === 'string' && architectureExample(architecture)) || placeholder}
      value={(values[path] as string | undefined) ?? ''}
      onChange={(event) => set(path, event.currentTarget.value || undefined)}
      error={unbroken(problems[path])}
    />
  );
}
