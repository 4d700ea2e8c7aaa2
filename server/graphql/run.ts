/** Runs. */
import { recordOf } from '../services/identity.ts';
import { progressOfRun } from '../services/progress.ts';
import type { LineRecord, MissingKey, RunFieldRecord, RunRecord } from '../services/records.ts';
import { artifactsOfRun, checkpointsOfRun, type RunArtifact, rankedScores } from '../services/results.ts';
import { countRuns, hintOf, listRuns, readLog, readRunSeries, runFields } from '../services/runs.ts';
import { atMost, mostNames, mostOrderKeys } from './bounds.ts';
import { builder } from './builder.ts';
import { bothWaysArgs, connectionOf, pageArgs, pageComplexity } from './connection.ts';
import { RunKind, RunState, StageName, Suite } from './enums.ts';
import { MetricSeries, MetricSummary } from './metric.ts';
import { Checkpoint, Device, Evaluation, MrcScore, Project, Run, Sweep, User } from './objects.ts';
import { filterHelp, RunOrder } from './pages.ts';
import { Progress, Stage } from './stage.ts';

const keyValue = (name: 'Param' | 'Tag', description: string) =>
  builder.objectRef<{ key: string; value: string }>(name).implement({
    description,
    fields: (t) => ({
      key: t.exposeString('key', { description: 'Its name.' }),
      value: t.exposeString('value', { description: 'Its value.' }),
    }),
  });

const Param = keyValue('Param', 'One setting of a run, as filters and tables use it.');
const Tag = keyValue('Tag', 'A label that people give a run.');

const RunError = builder.objectRef<RunRecord>('RunError').implement({
  description: 'Why a run failed.',
  fields: (t) => ({
    message: t.string({ description: 'What was wrong.', resolve: ({ errorMessage }) => errorMessage ?? '' }),
    stage: t.field({ type: StageName, nullable: true, description: 'The stage that failed.', resolve: ({ errorStage }) => errorStage }),
    hint: t.string({ nullable: true, description: 'What to do about it.', resolve: ({ errorHint }) => errorHint }),
    resumable: t.boolean({
      description: 'Whether resuming can help: the cause lay outside of the run. False where the same settings fail in the same way.',
      resolve: ({ errorResumable }) => errorResumable,
    }),
  }),
});

export const LogLine = builder.objectRef<LineRecord>('LogLine').implement({
  description: 'One line of the log.',
  fields: (t) => ({
    seq: t.expose('seq', { type: 'Long', description: 'Place in the log; grows by line.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was written.' }),
    level: t.exposeString('level', { description: 'info, warning or error.' }),
    text: t.exposeString('text', { description: 'What it says.' }),
  }),
});

const Artifact = builder.objectRef<RunArtifact>('Artifact').implement({
  description: 'A file that a run made.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the file.' }),
    sha256: t.expose('sha256', { type: 'Sha256', description: 'Of its bytes.' }),
    bytes: t.expose('bytes', { type: 'Long', description: 'Its length.' }),
    url: t.exposeString('url', { description: 'Downloads it: a path on this server.' }),
  }),
});

builder.node(Run, {
  description: 'One execution, with a kind and a state.',
  id: { resolve: ({ id }) => id },
  loadOne: (id, { load }) => recordOf('Run', `Run-${id}`, load.run),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As people call it.' }),
    kind: t.field({ type: RunKind, description: 'What it does.', resolve: ({ kind }) => kind }),
    state: t.field({ type: RunState, description: 'Where it stands.', resolve: ({ state }) => state }),
    project: t.field({
      type: Project,
      description: 'Where it belongs.',
      resolve: async ({ projectId }, _args, { load }) => (await load.project.load(projectId)) as never,
    }),
    createdBy: t.field({
      type: User,
      nullable: true,
      description: 'Who started it.',
      resolve: ({ createdById }, _args, { load }) => (createdById === null ? null : load.user.load(createdById)),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was queued.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', nullable: true, description: 'When a worker took it first.' }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true, description: 'When it ended, in whatever way.' }),
    deletedAt: t.expose('deletedAt', { type: 'DateTime', nullable: true, description: 'When it was deleted; lists leave it out since.' }),
    config: t.expose('config', { type: 'JSON', description: 'The whole resolved configuration: what would start this run again.' }),
    params: t.field({
      type: [Param],
      description:
        'The configuration, flat, with what the run is about: architecture, network (its architecture and options in words), dataset, variant.',
      args: { keys: t.arg.stringList({ ...atMost(mostNames), description: 'Only these, at most 100; all when absent.' }) },
      resolve: ({ id }, { keys }, { load }) => load.params.load({ run: id, keys: keys ?? null }),
    }),
    tags: t.field({ type: [Tag], description: 'Labels, by key.', resolve: ({ id }, _args, { load }) => load.tags.load(id) }),
    notes: t.exposeString('notes', { description: 'What people wrote about it.' }),
    seed: t.exposeInt('seed', { nullable: true, description: 'Everything random in it comes from this.' }),
    stages: t.field({ type: [Stage], description: 'Its steps, in order.', resolve: ({ id }, _args, { load }) => load.stages.load(id) }),
    progress: t.field({
      type: Progress,
      description: 'How far it is.',
      resolve: async ({ id }, _args, { load }) => progressOfRun(await load.stages.load(id)),
    }),
    runsAhead: t.field({
      type: 'Int',
      nullable: true,
      description: 'While it is queued: runs that are computed before it, those that are being computed now too.',
      resolve: async ({ id, state }, _args, { load }) => (state === 'QUEUED' ? ((await load.runsAhead.load(id))?.ahead ?? null) : null),
    }),
    device: t.field({
      type: Device,
      nullable: true,
      description: 'What computes it, or computed it last.',
      resolve: ({ deviceId }, _args, { load }) => (deviceId === null ? null : load.device.load(deviceId)),
    }),
    error: t.field({
      type: RunError,
      nullable: true,
      description: 'Why it failed.',
      resolve: (run) => (run.errorMessage === null ? null : run),
    }),
    inputs: t.field({
      type: [Checkpoint],
      description: 'Checkpoints that it started from.',
      resolve: ({ id }, _args, session) => checkpointsOfRun(session, id, 'INPUT'),
    }),
    outputs: t.field({
      type: [Checkpoint],
      description: 'Checkpoints that it made: trained, fine-tuned, selected.',
      resolve: ({ id }, _args, session) => checkpointsOfRun(session, id, 'OUTPUT'),
    }),
    mrcScores: t.field({
      type: [MrcScore],
      description: 'Robust criticality of its modules, in network order.',
      resolve: ({ id }, _args, session) => rankedScores(session, id),
    }),
    sweep: t.field({
      type: Sweep,
      nullable: true,
      description: 'Its alpha curve.',
      resolve: async ({ id }, _args, { load }) => (await load.sweepsOfRun.load(id))[0] ?? null,
    }),
    evaluations: t.field({
      type: [Evaluation],
      description: 'What it measured, in order of time.',
      args: {
        suite: t.arg({ type: Suite, description: 'Only of this suite.' }),
        split: t.arg.string({ description: 'Only of this split: train, holdout or test.' }),
      },
      resolve: async ({ id }, { suite, split }, { load }) =>
        (await load.evaluationsOfRun.load(id)).filter((one) => (!suite || one.suite === suite) && (!split || one.split === split)),
    }),
    metrics: t.field({
      type: [MetricSummary],
      description: 'Summaries of its series, by key.',
      args: {
        keys: t.arg.stringList({ ...atMost(mostNames), description: 'Only these, at most 100; all when absent.' }),
        special: t.arg.boolean({
          defaultValue: false,
          description: 'Also series none of whose values is finite, for those who ask for special.',
        }),
      },
      resolve: async ({ id }, { keys, special }, { load }) =>
        (await load.metrics.load({ run: id, keys: keys ?? null })).filter(({ hasNumbers }) => hasNumbers || special),
    }),
    series: t.field({
      type: [MetricSeries],
      complexity: ({ keys, maxPoints }) => ({ field: 1, multiplier: keys.length * Math.max((maxPoints ?? 500) / 50, 1) }),
      description: 'At most maxPoints buckets, each with its minimum, maximum and mean, so no spike is lost.',
      args: {
        keys: t.arg.stringList({
          ...atMost(mostNames),
          required: true,
          description: 'Which series, at most 100; one comes back for each key.',
        }),
        maxPoints: t.arg.int({ defaultValue: 500, description: 'Most points of a series, at most 5000.' }),
        fromStep: t.arg({ type: 'Long', description: 'First step, included.' }),
        toStep: t.arg({ type: 'Long', description: 'Last step, included.' }),
      },
      resolve: ({ id }, args, session) => readRunSeries(session, id, args),
    }),
    log: t.field({
      type: [LogLine],
      complexity: ({ first }) => ({ field: 1, multiplier: first ?? 200 }),
      description: 'Its log, in order.',
      args: {
        after: t.arg({ type: 'Long', description: 'Only lines after this seq.' }),
        first: t.arg.int({ defaultValue: 200, description: 'Most lines, at most 5000.' }),
      },
      resolve: ({ id }, { after, first }, session) => readLog(session, id, after ?? null, first ?? null),
    }),
    artifacts: t.field({
      type: [Artifact],
      description: 'Files that it made.',
      resolve: ({ id }, _args, session) => artifactsOfRun(session, id),
    }),
  }),
});

export const RunConnection = connectionOf('Run', Run, 'runs', true);

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
      filter: t.arg.string({ description: filterHelp }),
      deleted: t.arg.boolean({ defaultValue: false, description: 'The deleted runs instead of the others.' }),
      orderBy: t.arg({
        type: [RunOrder],
        ...atMost(mostOrderKeys),
        description: 'At most 10 keys of the order, the most important first.',
      }),
      ...pageArgs,
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
