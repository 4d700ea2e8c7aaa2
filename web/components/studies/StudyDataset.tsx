import { Select } from '@mantine/core';
import { asGiven, givesDataset, ownGrid, type StudyFields, standInWord } from '../../lib/form/study.ts';
import { paperDatasets } from '../../lib/studies.ts';
import { datasetWord } from '../../lib/words.ts';
import type { Dataset } from '../../queries/lab.ts';
import { DatasetOption, datasetOptions } from '../display/datasets.tsx';
import { unbroken } from '../display/Unbroken.tsx';

interface StudyDatasetProps {
  fields: StudyFields;
  datasets: readonly Dataset[];
  error: string | undefined;
  onChange(dataset: string): void;
}

/** What the networks of a study learn from: the paper's data, or what is ready instead. */
export function StudyDataset({ fields, datasets, error, onChange }: StudyDatasetProps) {
  const { preset, dataset, base, grid } = fields;
  const isGiven = givesDataset(base, grid);
  const papers = paperDatasets(preset).map(datasetWord).join(', ');
  return (
    <Select
      label="Dataset"
      description={isGiven ? 'The settings below say it.' : unbroken(standInWord(preset, dataset, datasets) ?? undefined)}
      data={[
        { value: asGiven, label: preset === ownGrid ? 'As the settings below say' : `The paper's: ${papers}` },
        ...datasetOptions(datasets),
      ]}
      value={isGiven ? null : dataset}
      placeholder="As the settings below say"
      onChange={(value) => value !== null && onChange(value)}
      allowDeselect={false}
      disabled={isGiven}
      error={unbroken(error)}
      renderOption={({ option }) => <DatasetOption label={option.label} dataset={datasets.find(({ name }) => name === option.value)} />}
    />
  );
}
