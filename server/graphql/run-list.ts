/** Lists of runs, and the names that their filters and orders can use. */
import { recordOf } from '../services/identity.ts';
import type { MissingKey, RunFieldRecord } from '../services/records.ts';
import { countRuns, hintOf, listRuns, runFields } from '../services/runs.ts';
import { atMost, mostOrderKeys } from './bounds.ts';
import { builder } from './builder.ts';
import { bothWaysArgs, connectionOf, pageArgs, pageComplexity } from './connection.ts';
import { Run } from './objects.ts';
import { filterHelp, RunOrder } from './pages.ts';

export const RunConnection = connectionOf('Run', Run, 'runs', true);

/** What every list of runs takes. */
export const runListArgs = builder.args((t) => ({
  filter: t.string({ description: filterHelp }),
  deleted: t.boolean({ defaultValue: false, description: 'The deleted runs instead of the others.' }),
  orderBy: t.field({
    type: [RunOrder],
    ...atMost(mostOrderKeys),
    description: 'At most 10 keys of the order, the most important first.',
  }),
  ...pageArgs,
}));

const UnknownName = builder.objectRef<MissingKey>('UnknownName').implement({
  description: 'A name in a filter or an order that no run has. It may be right, and come with a later run; often it is a slip.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As the filter language writes it.' }),
    nearest: t.exposeStringList('nearest', { description: 'Names like it that some runs have, at most 3, the likest first.' }),
    message: t.string({ description: 'The same in words.', resolve: hintOf }),
  }),
});

builder.objectField(RunConnection, 'hints', (t) =>
  t.field({
    type: [UnknownName],
    description: 'Names in the filter and the order that no run has. An answer has them in its extensions too, asked for or not.',
    resolve: ({ hints }) => hints ?? [],
  }),
);

const RunField = builder.objectRef<RunFieldRecord>('RunField').implement({
  description: 'A name that a filter, an order or a column can use.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As the filter language writes it.' }),
    type: t.exposeString('type', { description: 'time, text, number or choice.' }),
    runs: t.exposeInt('runs', { description: 'Runs that have it.' }),
  }),
});

builder.queryFields((t) => ({
  run: t.field({
    type: Run,
    nullable: true,
    description: 'A run by its id.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_root, { id }, { load }) => recordOf('Run', id, load.run),
  }),
  runs: t.field({
    type: RunConnection,
    complexity: pageComplexity,
    description: 'Runs, newest first unless orderBy says otherwise. Deleted ones are listed apart, by deleted.',
    args: {
      project: t.arg.string({ description: 'Name of a project; all projects when absent.' }),
      ...runListArgs,
      ...bothWaysArgs,
    },
    resolve: async (_root, args, session) => ({ ...(await listRuns(session, args)), count: () => countRuns(session, args) }),
  }),
  runFields: t.field({
    type: [RunField],
    description: 'The names that a filter, an order or a column can use, with how many runs have each.',
    args: {
      project: t.arg.string({ description: 'Name of a project; all projects when absent.' }),
      prefix: t.arg.string({ description: 'Only names that begin so, as metrics. or params.at.' }),
      search: t.arg.string({ description: 'Only names that contain this, in whatever case.' }),
      first: t.arg.int({ defaultValue: 100, description: 'Most names, at most 1000.' }),
    },
    resolve: (_root, { project = null, prefix, search, first = null }, session) =>
      runFields(session, { project, prefix: prefix ?? '', search: search ?? '', first }),
  }),
}));
