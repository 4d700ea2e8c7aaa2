'use client';
import { Select, SimpleGrid, TextInput } from '@mantine/core';
import { useQuery } from 'urql';
import {
  architectureExample,
  architectureNames,
  architectureWord,
  datasetNames,
  datasetWord,
  variantNames,
  variantWord,
} from '../../lib/words.ts';
import type { Found } from '../../queries/import.ts';
import { system } from '../../queries/lab.ts';
import { JsonInput } from '../display/JsonInput.tsx';
import { channelsOf, normalisations, normalisationWord, type Problems, type Settings } from './settings.ts';

interface SettingsFormProps {
  settings: Settings;
  found: Found | null;
  problems: Problems;
  /** Name that the checkpoint gets when none is given. */
  fileName: string;
  /** Where in the file there are weights. */
  places: readonly string[];
  onChange(changes: Partial<Settings>): void;
}

/** Fields that correct what was recognised. */
export function SettingsForm({ settings, found, problems, fileName, places, onChange }: SettingsFormProps) {
  const [{ data }] = useQuery({ query: system });
  const datasets = [...new Set([...datasetNames, ...(data?.datasets.map(({ name }) => name) ?? [])])];
  const worded = (names: readonly string[], word: (name: string) => string) => names.map((value) => ({ value, label: word(value) }));
  const field = (name: keyof Settings) => ({
    value: settings[name],
    error: problems[name],
    clearable: true,
    onChange: (value: string | null) => onChange({ [name]: value }),
  });
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md" verticalSpacing="md">
      <TextInput
        label="Name"
        placeholder={fileName}
        maxLength={200}
        value={settings.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <Select
        {...field('variant')}
        label="Trained by"
        description="How the network was trained: tables and the leaderboard group by it."
        placeholder={found?.variant ? variantWord(found.variant) : 'not known'}
        data={worded(variantNames, variantWord)}
      />
      <Select
        {...field('architecture')}
        label="Network"
        searchable
        placeholder={found ? architectureWord(found.architecture) : 'found out from names and shapes'}
        data={worded(architectureNames, architectureWord)}
      />
      {settings.architecture && (
        <JsonInput
          label="Options of the network"
          placeholder={architectureExample(settings.architecture) ?? 'none'}
          value={settings.architectureOptions}
          error={problems.architectureOptions}
          onChange={(event) => onChange({ architectureOptions: event.currentTarget.value })}
        />
      )}
      <Select
        {...field('dataset')}
        label="Dataset"
        placeholder={found ? datasetWord(found.dataset) : 'found out from the shapes'}
        description={
          found && found.otherDatasets.length > 0 ? `It would also fit ${found.otherDatasets.map(datasetWord).join(', ')}.` : undefined
        }
        data={worded(datasets, datasetWord)}
      />
      <Select
        {...field('normalisation')}
        label="Normalisation"
        description="What its training did to pixels first. A wrong one shows only in its accuracy."
        placeholder={found ? normalisationWord(found.normalisation) : 'that of the dataset'}
        data={normalisations(channelsOf(found))}
      />
      {settings.normalisation === 'own' && (
        <>
          <Numbers label="Mean of each channel" name="mean" settings={settings} problems={problems} onChange={onChange} />
          <Numbers label="Standard deviation of each channel" name="sd" settings={settings} problems={problems} onChange={onChange} />
        </>
      )}
      {places.length > 1 && (
        <Select
          {...field('stateDict')}
          label="Weights"
          description="The file holds weights in several places."
          placeholder={found?.stateDict || 'at the top'}
          data={places.filter(Boolean)}
        />
      )}
    </SimpleGrid>
  );
}

interface NumbersProps extends Pick<SettingsFormProps, 'settings' | 'problems' | 'onChange'> {
  label: string;
  name: 'mean' | 'sd';
}

function Numbers({ label, name, settings, problems, onChange }: NumbersProps) {
  return (
    <TextInput
      label={label}
      placeholder={name === 'mean' ? '0.485 0.456 0.406' : '0.229 0.224 0.225'}
      value={settings[name]}
      error={settings[name] ? problems[name] : undefined}
      onChange={(event) => onChange({ [name]: event.currentTarget.value })}
    />
  );
}
