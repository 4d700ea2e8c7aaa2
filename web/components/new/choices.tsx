'use client';
import { Autocomplete, type ComboboxParsedItem, MultiSelect, Select, Text } from '@mantine/core';
import { useState } from 'react';
import { count } from '../../lib/format.ts';
import { datasetWord, spaced, together, variantWord } from '../../lib/words.ts';
import type { CheckpointChoice } from '../../queries/checkpoints.ts';
import { DatasetOption, datasetOptions } from '../display/datasets.tsx';
import { Unbroken, unbroken } from '../display/Unbroken.tsx';
import { useProjects } from '../runs/use-projects.ts';
import type { ControlProps } from './control.ts';
import { useForm } from './form-context.ts';
import { labelOf, useCheckpoints } from './use-checkpoints.ts';

const textAt = (values: Readonly<Record<string, unknown>>, path: string) => (values[path] as string | undefined) ?? null;

export function ProjectField({ path, ...props }: ControlProps) {
  const { values, set, problems, projects } = useForm();
  const name = textAt(values, path) ?? '';
  const { names, cut } = useProjects(name);
  const isNew = name.trim() !== '' && cut === 0 && ![...projects, ...names].includes(name.trim());
  return (
    <Autocomplete
      {...props}
      description={isNew ? 'A new project; it is made when the run starts.' : props.description}
      data={names}
      filter={({ options }) => options}
      value={name}
      onChange={(next) => set(path, next || undefined)}
      error={unbroken(problems[path])}
    />
  );
}

export function DatasetField({ path, placeholder, ...props }: ControlProps) {
  const { values, set, problems, datasets } = useForm();
  const name = textAt(values, path);
  const dataset = datasets.find((other) => other.name === name);
  const hint = dataset && dataset.state !== 'READY' ? (dataset.hint ?? spaced(dataset.state)) : null;
  return (
    <div>
      <Select
        {...props}
        data={datasetOptions(datasets)}
        value={name}
        onChange={(next) => set(path, next ?? undefined)}
        clearable={!props.required}
        placeholder={props.required ? 'Choose one' : (placeholder && datasetWord(placeholder)) || 'that of the weights'}
        error={unbroken(problems[path])}
        renderOption={({ option }) => (
          <DatasetOption label={option.label} dataset={datasets.find((other) => other.name === option.value)} />
        )}
      />
      {hint && !problems[path] && (
        <Text size="xs" c="var(--figure-robust)" mt={4}>
          <Unbroken text={hint} />
        </Text>
      )}
    </div>
  );
}

/** The others are shown with their state, so that nobody looks for them. */
const takesRuns = (state: string) => ['idle', 'busy', 'testing'].includes(state);

export function DeviceField({ path, ...props }: ControlProps) {
  const { values, set, problems, devices } = useForm();
  return (
    <Select
      {...props}
      data={devices.map(({ id, name, backend, worker, state }) => ({
        value: id,
        label: [name, backend, worker, ...(takesRuns(state) ? [] : [state])].join(' · '),
        disabled: !takesRuns(state),
      }))}
      value={textAt(values, path)}
      onChange={(next) => set(path, next ?? undefined)}
      clearable
      placeholder="any"
      error={unbroken(problems[path])}
    />
  );
}

const about = ({ network, dataset, variant }: CheckpointChoice) => together(network, variantWord(variant), datasetWord(dataset));

/** What a choice of checkpoints shows while this text is typed; chosen: those that must be among the options. */
function useOptions(text: string, chosen: readonly string[]) {
  const { checkpoints, cut } = useCheckpoints(text, chosen[0] ?? null);
  const listed = checkpoints.map(({ id }) => id);
  return {
    searchable: true,
    searchValue: text,
    data: [
      ...checkpoints.map((checkpoint) => ({ value: checkpoint.id, label: labelOf(checkpoint) })),
      ...chosen.filter((id) => !listed.includes(id)).map((id) => ({ value: id, label: id })),
      ...(cut > 0 ? [{ value: '', label: `${count(cut)} more: type a part of the name`, disabled: true }] : []),
    ],
    filter: ({ options }: { options: ComboboxParsedItem[] }) => options,
    placeholder: checkpoints.length === 0 && text === '' ? 'There are no checkpoints yet' : 'Search by name',
    nothingFoundMessage: 'No checkpoint has this name',
    renderOption: ({ option }: { option: { value: string; label?: string } }) => {
      const checkpoint = checkpoints.find(({ id }) => id === option.value);
      return (
        <div>
          <Text size="sm">{option.label}</Text>
          <Text size="xs" c="dimmed">
            {checkpoint && about(checkpoint)}
            {checkpoint?.producedBy && ` · from ${checkpoint.producedBy.name}`}
          </Text>
        </div>
      );
    },
  };
}

export function CheckpointField({ path, ...props }: ControlProps) {
  const { values, set, problems } = useForm();
  const [text, setText] = useState('');
  const chosen = textAt(values, path);
  return (
    <Select
      {...props}
      {...useOptions(text, chosen === null ? [] : [chosen])}
      value={chosen}
      onChange={(next) => set(path, next ?? undefined)}
      onSearchChange={setText}
      clearable={!props.required}
      error={unbroken(problems[path])}
    />
  );
}

export function CheckpointsField({ path, placeholder, ...props }: ControlProps) {
  const { values, set, problems } = useForm();
  const [text, setText] = useState('');
  const chosen = (values[path] as readonly string[] | undefined) ?? [];
  const options = useOptions(text, chosen);
  return (
    <MultiSelect
      {...props}
      {...options}
      placeholder={chosen.length === 0 ? (placeholder ?? options.placeholder) : undefined}
      value={[...chosen]}
      onChange={(next) => set(path, next)}
      onSearchChange={setText}
      clearable
      error={unbroken(problems[path])}
    />
  );
}
