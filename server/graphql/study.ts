/** Studies: grids of runs. */
import type { GraphQLSchema } from 'graphql';
import { recordOf, rowOf } from '../services/identity.ts';
import type { ReadInput } from '../services/studies/plan.ts';
import { presetNames } from '../services/studies/presets.ts';
import { workLeft } from '../services/studies/progress.ts';
import { type StudyRow as Row, rowsOfStudy, type Spread as SpreadRecord, type Spreads } from '../services/studies/rows.ts';
import { type StudyEstimate as Estimated, estimateStudy, extendStudy, startStudy } from '../services/studies/start.ts';
import { listStudies, pageOfRuns, pauseStudy, resumeStudy, runsOfStudy, stateOf } from '../services/studies/studies.ts';
import { mostRuns, studyRequest } from '../services/studies/unroll.ts';
import { atMost } from './bounds.ts';
import { builder } from './builder.ts';
import { inputFrom } from './config-input.ts';
import { connectionOf, pageArgs, pageComplexity } from './connection.ts';
import { RunState } from './enums.ts';
import { readInput } from './json-input.ts';
import { Device, Project, Run, Study, User } from './objects.ts';
import { RunConnection } from './run-list.ts';
import { Progress } from './stage.ts';

const Spread = builder.objectRef<SpreadRecord>('Spread').implement({
  description: 'A number over seeds, as fractions.',
  fields: (t) => ({
    mean: t.exposeFloat('mean', { description: 'Mean.' }),
    sd: t.exposeFloat('sd', { nullable: true, description: 'Standard deviation of the sample; null for one seed.' }),
    seeds: t.exposeInt('seeds', { description: 'Runs that are counted.' }),
  }),
});

const StudyBase = builder.objectRef<Spreads>('StudyBase').implement({
  description: 'Accuracies of the networks before RiFT.',
  fields: (t) => ({
    standard: t.expose('standard', { type: Spread, nullable: true, description: 'On clean images.' }),
    ood: t.expose('ood', { type: Spread, nullable: true, description: 'On corrupted images.' }),
    robust: t.expose('robust', { type: Spread, nullable: true, description: 'Under the attack of the evaluation.' }),
    autoAttack: t.expose('autoAttack', { type: Spread, nullable: true, description: 'Under AutoAttack.' }),
  }),
});

const StudyRow = builder.objectRef<Row>('StudyRow').implement({
  description: 'A cell of the grid over its seeds: accuracies on the test split of the networks after RiFT, of finished runs.',
  fields: (t) => ({
    cell: t.expose('cell', { type: 'JSON', description: 'Field paths of StartRiftInput and their values.' }),
    runs: t.expose('runs', { type: [Run], description: 'One for each seed; without deleted ones.' }),
    standard: t.expose('standard', { type: Spread, nullable: true, description: 'On clean images.' }),
    ood: t.expose('ood', { type: Spread, nullable: true, description: 'On corrupted images.' }),
    robust: t.expose('robust', { type: Spread, nullable: true, description: 'Under the attack of the evaluation.' }),
    autoAttack: t.expose('autoAttack', {
      type: Spread,
      nullable: true,
      description: 'Under AutoAttack, where the evaluation asks for it.',
    }),
    alpha: t.expose('alpha', { type: Spread, nullable: true, description: 'The chosen position between base and fine-tuned weights.' }),
    base: t.expose('base', { type: StudyBase, description: 'The networks before RiFT.' }),
    suspect: t.exposeInt('suspect', { description: 'Finished runs with a number that is SUSPECT; it is in no mean.' }),
    unlike: t.exposeInt('unlike', {
      description:
        'Finished runs of other settings, or measured on other images or in another way, than most of the cell, or than the newest of as many; they are in no mean.',
    }),
    images: t.exposeInt('images', {
      nullable: true,
      description: 'Test images that standard accuracy is of; null while no run has finished.',
    }),
    scale: t.exposeFloat('scale', { description: 'Share of the images and epochs of the paper behind these numbers.' }),
    severities: t.exposeIntList('severities', {
      description: 'Of the corruptions that ood is the mean over; empty where none are measured.',
    }),
    published: t.expose('published', {
      type: 'JSON',
      nullable: true,
      description:
        "The paper's numbers as fractions, {base, rift}, each {standard, ood, robust}, with source, architecture, dataset and variant that they are of; null where the paper has none.",
    }),
  }),
});

builder.node(Study, {
  description: 'A named grid of RiFT runs.',
  id: { resolve: ({ id }) => id },
  loadOne: (id, { load }) => recordOf('Study', `Study-${id}`, load.study),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As people call it.' }),
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
    preset: t.exposeString('preset', { nullable: true, description: 'The table or figure of the paper that it repeats.' }),
    base: t.expose('base', { type: 'JSON', description: 'Settings that all runs have, as they were given.' }),
    grid: t.expose('grid', { type: 'JSON', description: 'Field paths and their values, as they were given.' }),
    seeds: t.exposeIntList('seeds', { description: 'Every cell runs once with each.' }),
    scale: t.exposeFloat('scale', { description: 'Share of the images and epochs of the paper.' }),
    paused: t.boolean({ description: 'Whether it was paused; resumeStudy goes on.', resolve: ({ pausedAt }) => pausedAt !== null }),
    state: t.field({
      type: RunState,
      description:
        'FINISHED when all runs are, RUNNING or QUEUED while one is; then FAILED where one failed, or CANCELLED, which a paused study is too.',
      resolve: async (study, _args, session) =>
        stateOf(
          study,
          (await runsOfStudy(session, study.id)).map(({ state }) => state),
        ),
    }),
    progress: t.field({
      type: Progress,
      description: 'How far it is, counted in runs; etaSeconds on the quickest device.',
      resolve: async ({ id }, _args, session) => (await workLeft(session, id)).progress,
    }),
    estimatedSeconds: t.float({
      nullable: true,
      description: 'What all of it takes on the quickest device, from its measured speed; null where no speed is known.',
      resolve: async ({ id }, _args, session) => (await workLeft(session, id)).seconds,
    }),
    runs: t.field({
      type: RunConnection,
      complexity: pageComplexity,
      description: 'Its runs, the oldest first; without deleted ones.',
      args: pageArgs,
      resolve: ({ id }, { first, after }, session) => pageOfRuns(session, id, first ?? null, after ?? null),
    }),
    rows: t.field({
      type: [StudyRow],
      description: 'One for each cell, in the order of the grid.',
      resolve: (study, _args, session) => rowsOfStudy(session, study),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was started.' }),
  }),
});

const StudyConnection = connectionOf('Study', Study, 'studies', false);

builder.queryFields((t) => ({
  study: t.field({
    type: Study,
    nullable: true,
    description: 'A study by its id; null when there is none.',
    args: { id: t.arg.id({ required: true, description: 'The study.' }) },
    resolve: (_root, { id }, { load }) => recordOf('Study', id, load.study),
  }),
  studies: t.field({
    type: StudyConnection,
    complexity: pageComplexity,
    description: 'Studies, newest first.',
    args: {
      project: t.arg.string({ description: 'Name of a project; all when absent.' }),
      ...pageArgs,
    },
    resolve: (_root, args, session) => listStudies(session, args),
  }),
}));

const StartStudyInput = inputFrom('StartStudyInput', studyRequest, {
  description: `A grid of RiFT runs: at most ${mostRuns}. Runs that train the same network with the same seed share the training.`,
  types: { preset: 'String', base: 'JSON', grid: 'JSON' },
  required: ['seeds'],
});

const StudyEstimate = builder.objectRef<Estimated>('StudyEstimate').implement({
  description: 'What a study would cost.',
  fields: (t) => ({
    runs: t.exposeInt('runs', { description: 'Runs that it starts.' }),
    trainings: t.exposeInt('trainings', { description: 'Networks that are trained, each once.' }),
    devices: t.field({
      type: [StudyDevice],
      description: 'Devices whose speed is known, the quickest first.',
      resolve: ({ devices }) => devices,
    }),
  }),
});

const StudyDevice = builder.objectRef<Estimated['devices'][number]>('StudyDeviceEstimate').implement({
  description: 'What all runs of a study would take on one device.',
  fields: (t) => ({
    device: t.expose('device', { type: Device, description: 'The device.' }),
    seconds: t.exposeFloat('seconds', { description: 'Expected duration, alone on the device.' }),
    hours: t.float({ description: 'The same in device hours.', resolve: ({ seconds }) => seconds / 3600 }),
  }),
});

const reader =
  (schema: GraphQLSchema): ReadInput =>
  (input) =>
    readInput(schema, 'StartRiftInput', input);

builder.mutationFields((t) => ({
  startStudy: t.field({
    type: Study,
    description: `Queues all runs of a grid, or none where one of them could not start. Presets: ${presetNames.join(', ')}.`,
    args: { input: t.arg({ type: StartStudyInput, required: true, description: 'The study.' }) },
    resolve: (_root, { input }, session, { schema }) => startStudy(session, input, reader(schema)),
  }),
  estimateStudy: t.field({
    type: StudyEstimate,
    description: 'What startStudy would cost, without starting it. Changes nothing; needs the role VIEWER.',
    args: { input: t.arg({ type: StartStudyInput, required: true, description: 'The study.' }) },
    resolve: (_root, { input }, session, { schema }) => estimateStudy(session, input, reader(schema)),
  }),
  extendStudy: t.field({
    type: Study,
    description: 'Adds seeds, and values of fields that the grid has; only the runs that are new start.',
    args: {
      id: t.arg.id({ required: true, description: 'A study that is not paused.' }),
      seeds: t.arg.intList({ ...atMost(mostRuns), description: 'Seeds to add.' }),
      grid: t.arg({ type: 'JSON', description: 'Field path to the values to add.' }),
    },
    resolve: (_root, { id, seeds, grid }, session, { schema }) => extendStudy(session, rowOf('Study', id), { seeds, grid }, reader(schema)),
  }),
  pauseStudy: t.field({
    type: Study,
    description: 'Cancels the runs that are queued or running; what they have done is kept for resumeStudy.',
    args: { id: t.arg.id({ required: true, description: 'The study.' }) },
    resolve: (_root, { id }, session) => pauseStudy(session, rowOf('Study', id)),
  }),
  resumeStudy: t.field({
    type: Study,
    description: 'Queues the runs that were cancelled or have failed again, each from where it stopped.',
    args: { id: t.arg.id({ required: true, description: 'A study that was paused, or with runs that failed or were cancelled.' }) },
    resolve: (_root, { id }, session) => resumeStudy(session, rowOf('Study', id)),
  }),
}));
