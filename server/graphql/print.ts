/** Writes schema.graphql anew, what pages call the names of the engine, and the options that these bring: node --import tsx server/graphql/print.ts */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attackLabels, variants } from '../../engine/config.ts';
import { architectureNames, architectureOf, datasets } from '../../engine/index.ts';
import { optionInText } from '../../setup/options.mjs';
import { presetNames } from '../services/studies/presets.ts';
import { datasetsOfPreset } from '../services/studies/unroll.ts';
import { optionTypes } from './option-types.ts';
import { printedSchema } from './schema.ts';

const labels = {
  architectures: Object.fromEntries(architectureNames.map((name) => [name, architectureOf(name).label])),
  architectureExamples: Object.fromEntries(
    architectureNames.flatMap((name) => {
      const { example } = architectureOf(name);
      return example ? [[name, example]] : [];
    }),
  ),
  variants: Object.fromEntries(Object.entries(variants).map(([name, { label }]) => [name, label])),
  attacks: attackLabels,
  datasets: Object.fromEntries(Object.entries(datasets).map(([name, { label }]) => [name, label])),
  optionInText,
  studyDatasets: Object.fromEntries(presetNames.map((name) => [name, datasetsOfPreset(name)])),
};

const forPages = join(import.meta.dirname, '../../web/queries/generated');
await writeFile(join(import.meta.dirname, 'schema.graphql'), printedSchema());
await mkdir(forPages, { recursive: true });
await writeFile(join(forPages, 'labels.json'), `${JSON.stringify(labels, null, 2)}\n`);
await writeFile(join(forPages, 'options.json'), `${JSON.stringify(optionTypes, null, 2)}\n`);
