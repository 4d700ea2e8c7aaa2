/** Datasets as a choice: those that cannot be used are there too, with their state, so that nobody looks for them. */
import { Text } from '@mantine/core';
import { datasetWord, spaced } from '../../lib/words.ts';
import type { Dataset } from '../../queries/lab.ts';

export const datasetOptions = (datasets: readonly Dataset[]) => datasets.map(({ name }) => ({ value: name, label: datasetWord(name) }));

/** dataset: what the option is; undefined for one that is no dataset. */
export function DatasetOption({ label, dataset }: { label: string; dataset: Dataset | undefined }) {
  return (
    <Text size="sm">
      {label}
      {dataset && dataset.state !== 'READY' && (
        <Text span size="xs" c="dimmed">
          {` · ${spaced(dataset.state).toLowerCase()}`}
        </Text>
      )}
    </Text>
  );
}
