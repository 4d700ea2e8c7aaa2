'use client';
import { Select } from '@mantine/core';
import { useState } from 'react';
import { count } from '../../lib/format.ts';
import { useProjects } from './use-projects.ts';

const every = 'Every project';

interface ProjectSelectProps {
  /** null: every project. */
  value: string | null;
  onChange(project: string | null): void;
}

/** Chooses a project; of very many, those whose name contains what is typed. */
export function ProjectSelect({ value, onChange }: ProjectSelectProps) {
  const chosen = value ?? every;
  const [text, setText] = useState(chosen);
  const { names, cut } = useProjects(text === chosen ? '' : text);
  const options = [...new Set([every, ...(value ? [value] : []), ...names])];
  return (
    <Select
      aria-label="Project"
      data={[
        ...options.map((name) => ({ value: name, label: name })),
        ...(cut > 0 ? [{ value: '', label: `${count(cut)} more: type a part of the name`, disabled: true }] : []),
      ]}
      value={chosen}
      onChange={(name) => onChange(name === every ? null : name)}
      searchable={cut > 0 || text !== chosen || options.length > 9}
      searchValue={text}
      onSearchChange={setText}
      filter={({ options: all }) => all}
      allowDeselect={false}
      nothingFoundMessage="No project has this name"
      w={{ base: '100%', sm: 200 }}
    />
  );
}
