/** Datasets. */
import { contentOfSplit, readDatasets, type SplitRecord } from '../services/networks.ts';
import { builder } from './builder.ts';
import { DatasetState } from './enums.ts';
import { Dataset } from './objects.ts';

const DatasetSplit = builder.objectRef<SplitRecord>('DatasetSplit').implement({
  description: 'A part of a dataset.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'train, holdout (cut from training) or test.' }),
    images: t.exposeInt('images', { description: 'Number of images.' }),
    sha256: t.field({
      type: 'Sha256',
      nullable: true,
      description: 'Of its content: other for other files. Null while they are not there.',
      resolve: async (split, _args, session) => (await contentOfSplit(session, split))?.sha256 ?? null,
    }),
    official: t.boolean({
      nullable: true,
      description: "Whether its files are those that the dataset's authors published; null where that cannot be told.",
      resolve: async (split, _args, session) => (await contentOfSplit(session, split))?.official ?? null,
    }),
  }),
});

Dataset.implement({
  description: 'Labelled images that networks learn from and are measured on.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Canonical name; inputs may write it in any case, with hyphens or underscores.' }),
    state: t.field({ type: DatasetState, description: 'Whether it can be used.', resolve: ({ state }) => state }),
    classes: t.exposeInt('classes', { description: 'Number of classes.' }),
    shape: t.exposeIntList('shape', { description: 'Height, width and channels of an image.' }),
    splits: t.field({
      type: [DatasetSplit],
      description: 'Its parts, as a network trained here sees them.',
      resolve: ({ name: dataset, splits }) => splits.map((split) => ({ ...split, dataset })),
    }),
    hint: t.string({ nullable: true, description: 'What to do when it cannot be used.', resolve: ({ hint }) => hint ?? null }),
  }),
});

builder.queryField('datasets', (t) =>
  t.field({
    type: [Dataset],
    description: 'All datasets that the engine knows.',
    resolve: (_root, _args, session) => readDatasets(session),
  }),
);
