/** Stored weights. */
import { checkpointUrl, countCheckpoints, listCheckpoints } from '../services/checkpoints.ts';
import { recordOf } from '../services/identity.ts';
import {
  type ModuleRecord,
  modulesOfCheckpoint,
  type NormalisationRecord,
  networkOf,
  normalisationOfCheckpoint,
} from '../services/networks.ts';
import { robustBenchEntry } from '../services/robustbench-entry.ts';
import { builder } from './builder.ts';
import { bothWaysArgs, connectionOf, pageArgs, pageComplexity } from './connection.ts';
import { Suite } from './enums.ts';
import { Checkpoint, Evaluation, Run } from './objects.ts';

const Module = builder.objectRef<ModuleRecord>('Module').implement({
  description: 'A named part of a network that owns a convolution, linear or attention weight.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As in PyTorch: layer2.1.conv2.' }),
    shape: t.exposeIntList('shape', { description: "Shape of the weight in PyTorch's order." }),
    parameters: t.expose('parameters', { type: 'Long', description: 'Numbers of weight and bias.' }),
    norm: t.exposeFloat('norm', { description: 'l2 norm of the weight.' }),
  }),
});

export const Normalisation = builder.objectRef<NormalisationRecord>('Normalisation').implement({
  description: 'What a network does to the pixels, in [0, 1], of every channel before anything else: (pixel - mean) / sd.',
  fields: (t) => ({
    mean: t.exposeFloatList('mean', { description: 'Mean of each channel.' }),
    sd: t.exposeFloatList('sd', { description: 'Standard deviation of each channel.' }),
  }),
});

builder.node(Checkpoint, {
  description: 'A set of weights. format is how it was first stored; every checkpoint downloads as safetensors.',
  id: { resolve: ({ id }) => id },
  loadOne: (id, { load }) => recordOf('Checkpoint', `Checkpoint-${id}`, load.checkpoint),
  fields: (t) => ({
    sha256: t.expose('sha256', { type: 'Sha256', description: 'Of the whole safetensors file.' }),
    name: t.exposeString('name', { description: 'As people call it.' }),
    format: t.exposeString('format', { description: 'How it was first stored.' }),
    architecture: t.exposeString('architecture', { description: 'Form of the network: RESNET18, or whatever was uploaded.' }),
    network: t.string({ description: 'Architecture and options in words: ResNet-20 (CIFAR).', resolve: networkOf }),
    architectureOptions: t.expose('architectureOptions', {
      type: 'JSON',
      description: 'What was chosen of the architecture, with its defaults; empty where there is nothing to choose.',
    }),
    normalisation: t.field({
      type: Normalisation,
      nullable: true,
      description: 'What the network does to pixels first; null where that is not known.',
      resolve: (checkpoint) => normalisationOfCheckpoint(checkpoint),
    }),
    dataset: t.exposeString('dataset', { nullable: true, description: 'What it was trained on.' }),
    variant: t.exposeString('variant', { nullable: true, description: 'How the base network was trained.' }),
    trainedHere: t.exposeBoolean('trainedHere', {
      description: 'Whether its training left the holdout split out. Otherwise holdout is a half of the test images.',
    }),
    chosenOn: t.exposeStringList('chosenOn', {
      description:
        'Splits that its epoch, modules or alpha were chosen on, and those of the weights that it comes from: a number on one of them is no honest report. Empty where it is not known.',
    }),
    trainedOn: t.exposeStringList('trainedOn', {
      description: 'Training images that it, and the weights that it comes from, have seen. Empty where it is not known.',
    }),
    damage: t.string({
      nullable: true,
      description: 'Why its bytes cannot be used: which stored file is not what it was. Null while nothing wrong is known.',
      resolve: async ({ id }, _args, { load }) => (await load.damage.load(id))?.damage ?? null,
    }),
    parameters: t.expose('parameters', { type: 'Long', description: 'Learned numbers; running statistics are not counted.' }),
    bytes: t.expose('bytes', { type: 'Long', description: 'Length of the safetensors file.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was stored.' }),
    producedBy: t.field({
      type: Run,
      nullable: true,
      description: 'The run that made it.',
      resolve: ({ producedById }, _args, { load }) => (producedById === null ? null : load.run.load(producedById)),
    }),
    base: t.field({
      type: Checkpoint,
      nullable: true,
      description: 'The checkpoint that this one differs from in a few modules only.',
      resolve: ({ baseId }, _args, { load }) => (baseId === null ? null : load.checkpoint.load(baseId)),
    }),
    changedModules: t.exposeStringList('changedModules', { description: 'The modules in which it differs from its base.' }),
    modules: t.field({ type: [Module], description: 'In network order.', resolve: modulesOfCheckpoint }),
    url: t.string({
      description: 'Downloads it as safetensors, with range requests: a path on this server.',
      resolve: ({ id }, _args, session) => checkpointUrl(session, id),
    }),
    robustBenchEntry: t.field({
      type: 'JSON',
      description:
        "What RobustBench's model_info file would say of it, by its newest numbers on test: accuracies in percent, null where nothing was measured.",
      resolve: async (checkpoint, _args, { load }) => robustBenchEntry(checkpoint, await load.evaluationsOfCheckpoint.load(checkpoint.id)),
    }),
    evaluations: t.field({
      type: [Evaluation],
      description: 'What was measured on it, in order of time.',
      args: { suite: t.arg({ type: Suite, description: 'Only of this suite.' }) },
      resolve: async ({ id }, { suite }, { load }) =>
        (await load.evaluationsOfCheckpoint.load(id)).filter((one) => !suite || one.suite === suite),
    }),
  }),
});

const CheckpointConnection = connectionOf('Checkpoint', Checkpoint, 'checkpoints', true);

builder.queryFields((t) => ({
  checkpoint: t.field({
    type: Checkpoint,
    nullable: true,
    description: 'A checkpoint by its id.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_root, { id }, { load }) => recordOf('Checkpoint', id, load.checkpoint),
  }),
  checkpoints: t.field({
    type: CheckpointConnection,
    complexity: pageComplexity,
    description: 'Checkpoints, newest first.',
    args: {
      filter: t.arg.string({
        description:
          "A condition in the language of runs(filter) over name, architecture, dataset, variant and created, as in architecture = 'RESNET18' and dataset is not null.",
      }),
      ...pageArgs,
      ...bothWaysArgs,
    },
    resolve: async (_root, args, session) => ({
      ...(await listCheckpoints(session, args)),
      count: () => countCheckpoints(session, args.filter),
    }),
  }),
}));
