'use client';
import { Checkbox, Group, Select, Switch, TagsInput, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { defaultWord } from '../../lib/form/defaults.ts';
import { hints } from '../../lib/form/hints.ts';
import { defaultOf, mustHave, unwrap } from '../../lib/form/types.ts';
import { enumWord, labelOf } from '../../lib/form/words.ts';
import type { InputField } from '../../queries/start.ts';
import { unbroken } from '../display/Unbroken.tsx';
import { AttacksField } from './AttacksField.tsx';
import { CheckpointField, CheckpointsField, DatasetField, DeviceField, ProjectField } from './choices.tsx';
import type { ControlProps } from './control.ts';
import { fieldId } from './focus.ts';
import { useForm } from './form-context.ts';
import { JsonField } from './JsonField.tsx';
import { ModulesField } from './ModulesField.tsx';
import { TagsField } from './TagsField.tsx';

interface FieldProps {
  /** Name of the input type that has the field. */
  owner: string;
  field: InputField;
  path: string;
  needed?: boolean;
}

/** The control that suits a field: by what it names where that is known, otherwise by its type. */
export function Field({ owner, field, path, needed = false }: FieldProps) {
  const { resolved } = useForm();
  const { name, kind, list } = unwrap(field.type);
  const fallback = defaultOf(field);
  const description = [field.description, hints[`${owner}.${field.name}`]?.differs].filter(Boolean).join(' ');
  const control: ControlProps = {
    id: fieldId(path),
    path,
    label: labelOf(owner, field.name),
    description: description || undefined,
    required: needed || mustHave(field),
    placeholder: defaultWord(owner, field, path, resolved),
  };
  if (field.name === 'project') return <ProjectField {...control} />;
  if (field.name === 'dataset') return <DatasetField {...control} />;
  if (name === 'JSON') return <JsonField {...control} />;
  if (name === 'ID' && field.name === 'device') return <DeviceField {...control} />;
  if (name === 'ID') return list ? <CheckpointsField {...control} /> : <CheckpointField {...control} />;
  if (name === 'AttackInput') return <AttacksField {...control} />;
  if (name === 'TagInput') return <TagsField {...control} />;
  if (field.name === 'modules') return <ModulesField {...control} />;
  if (kind === 'ENUM')
    return list ? (
      <ChoicesField {...control} type={name} fallback={fallback} />
    ) : (
      <ChoiceField {...control} type={name} fallback={fallback} />
    );
  if (name === 'Boolean') return <SwitchField {...control} />;
  if (list && name === 'String') return <WordsField {...control} />;
  return <TextField {...control} unit={hints[`${owner}.${field.name}`]?.unit} numeric={name === 'Int' || name === 'Float'} />;
}

function TextField({ path, unit, numeric, ...props }: ControlProps & { unit: string | undefined; numeric: boolean }) {
  const { values, set, problems } = useForm();
  return (
    <TextInput
      {...props}
      value={(values[path] as string | undefined) ?? ''}
      onChange={(event) => set(path, event.currentTarget.value || undefined)}
      error={unbroken(problems[path])}
      inputMode={numeric ? 'decimal' : undefined}
      autoComplete="off"
      rightSection={
        unit && (
          <Text size="xs" c="dimmed" pr={10} style={{ whiteSpace: 'nowrap' }}>
            {unit}
          </Text>
        )
      }
      rightSectionWidth={unit ? unit.length * 7 + 18 : undefined}
    />
  );
}

function ChoiceField({ path, type, fallback, placeholder, ...props }: ControlProps & { type: string; fallback: unknown }) {
  const { types, values, set, problems } = useForm();
  const options = types.get(type)?.enumValues ?? [];
  const value = (values[path] as string | undefined) ?? (typeof fallback === 'string' ? fallback : null);
  return (
    <Select
      {...props}
      placeholder={placeholder && enumWord(type, placeholder)}
      data={options.map(({ name }) => ({ value: name, label: enumWord(type, name) }))}
      value={value}
      onChange={(next) => set(path, next === null || next === fallback ? undefined : next)}
      error={unbroken(problems[path])}
      renderOption={({ option }) => {
        const about = options.find(({ name }) => name === option.value)?.description;
        return (
          <div>
            <Text size="sm">{option.label}</Text>
            {about && (
              <Text size="xs" c="dimmed">
                {about}
              </Text>
            )}
          </div>
        );
      }}
    />
  );
}

function ChoicesField({ path, type, fallback, placeholder, ...props }: ControlProps & { type: string; fallback: unknown }) {
  const { types, values, set, problems } = useForm();
  const options = types.get(type)?.enumValues ?? [];
  const defaults = Array.isArray(fallback) ? (fallback as string[]) : [];
  const value = (values[path] as readonly string[] | undefined) ?? defaults;
  const choose = (next: string[]) => {
    const same = next.length === defaults.length && next.every((item) => defaults.includes(item));
    set(path, same ? undefined : next);
  };
  return (
    <Checkbox.Group {...props} value={[...value]} onChange={choose} error={unbroken(problems[path])}>
      <Group mt={6} mb={6} gap="md">
        {options.map(({ name, description }) => (
          <Checkbox key={name} value={name} label={enumWord(type, name)} title={description ?? undefined} />
        ))}
      </Group>
    </Checkbox.Group>
  );
}

function SwitchField({ id, path, label, description, placeholder }: ControlProps) {
  const { values, set, problems } = useForm();
  const own = values[path] as boolean | undefined;
  /** What it is while nobody sets it here. */
  const [fallback, setFallback] = useState(placeholder === 'true');
  if (own === undefined && fallback !== (placeholder === 'true')) setFallback(!fallback);
  return (
    <Switch
      id={id}
      mt={26}
      label={label}
      description={description}
      error={unbroken(problems[path])}
      checked={own ?? fallback}
      onChange={(event) => set(path, event.currentTarget.checked === fallback ? undefined : event.currentTarget.checked)}
    />
  );
}

function WordsField({ path, ...props }: ControlProps) {
  const { values, set, problems } = useForm();
  return (
    <TagsInput
      {...props}
      value={[...((values[path] as string[] | undefined) ?? [])]}
      onChange={(next) => set(path, next)}
      error={unbroken(problems[path])}
    />
  );
}
