/** Runs. */
import { recordOf } from '../services/identity.ts';
import { progressOfRun } from '../services/progress.ts';
import type { RunRecord } from '../services/records.ts';
import { checkpointsOfRun, rankedScores } from '../services/results.ts';
import { readRunSeries } from '../services/runs.ts';
import { atMost, mostNames } from './bounds.ts';
import { builder } from './builder.ts';
import { RunKind, RunState, StageName, Suite } from './enums.ts';
import { MetricSeries, MetricSummary } from './metric.ts';
import { Checkpoint, Device, Evaluation, MrcScore, Project, Run, Sweep, User } from './objects.ts';
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
  }),
});
