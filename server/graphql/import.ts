/** Checkpoints from elsewhere. */
import { rowOf } from '../services/identity.ts';
import {
  type ImportedCheckpoint,
  type ImportPreview,
  importCheckpoint,
  importRequest,
  normalisationRequest,
  previewImport,
} from '../services/imports.ts';
import { networkOf } from '../services/networks.ts';
import { builder } from './builder.ts';
import { Normalisation } from './checkpoint.ts';
import { inputFrom } from './config-input.ts';
import { Architecture, Variant } from './enums.ts';
import { Checkpoint } from './objects.ts';

const NormalisationInput = inputFrom('NormalisationInput', normalisationRequest, {
  description: "A network's own normalisation: (pixel - mean) / sd, for each channel, of pixels in [0, 1].",
});

const ImportCheckpointInput = inputFrom('ImportCheckpointInput', importRequest, {
  description: 'A file from elsewhere, and what is known about its network. What is left out is found out from the file.',
  types: { upload: 'ID', architecture: Architecture, architectureOptions: 'JSON', variant: Variant, normalisation: NormalisationInput },
});

/** The id of the API becomes a row. */
const withRow = (asked: Record<string, unknown>) => ({
  ...asked,
  upload: rowOf('Upload', String(asked.upload), ['input', 'upload']) ?? -1,
});

type FoundRecord = NonNullable<ImportPreview['found']>;

const FoundWeights = builder.objectRef<FoundRecord>('FoundWeights').implement({
  description: 'The weights that a file from elsewhere holds.',
  fields: (t) => ({
    format: t.exposeString('format', { description: 'pytorch, pytorch-legacy or safetensors.' }),
    stateDict: t.exposeString('stateDict', { description: 'Where they are inside the file; empty at the top.' }),
    otherStateDicts: t.exposeStringList('otherStateDicts', { description: 'Where else in the file there are weights.' }),
    architecture: t.expose('architecture', { type: Architecture, description: 'The network that they fit entry by entry.' }),
    network: t.string({ description: 'Both in words: ResNet-20 (CIFAR).', resolve: networkOf }),
    architectureOptions: t.expose('architectureOptions', { type: 'JSON', description: 'Its options; empty where it has none.' }),
    normalisation: t.field({
      type: Normalisation,
      description: 'What it will be computed with: as the caller or the file says, otherwise that of the dataset.',
      resolve: ({ normalisation: { mean, deviation } }) => ({ mean: [...mean], sd: [...deviation] }),
    }),
    dataset: t.exposeString('dataset', { description: 'The dataset whose images and classes they fit.' }),
    otherDatasets: t.exposeStringList('otherDatasets', { description: 'Others that they fit as well.' }),
    assumed: t.exposeStringList('assumed', {
      description: 'What names and shapes do not say, and was taken to be as it is in files of this kind: say otherwise by the options.',
    }),
    variant: t.expose('variant', { type: Variant, nullable: true, description: 'How it was trained, where the file or the caller says.' }),
    parameters: t.expose('parameters', { type: 'Long', description: 'Learned numbers; running statistics are not counted.' }),
  }),
});

const ImportProblem = builder.objectRef<NonNullable<ImportPreview['problem']>>('ImportProblem').implement({
  description: 'Why an upload cannot be imported so.',
  fields: (t) => ({
    message: t.exposeString('message', { description: 'What was found beside what was expected, and what to do.' }),
    path: t.exposeStringList('path', {
      description: 'The argument that is at fault: input.upload where it is the file itself, which is gone then.',
    }),
  }),
});

const Preview = builder.objectRef<ImportPreview>('ImportPreview').implement({
  description: 'What importCheckpoint would make of an upload: exactly one of the two.',
  fields: (t) => ({
    found: t.field({ type: FoundWeights, nullable: true, description: 'What it holds.', resolve: ({ found }) => found }),
    problem: t.field({
      type: ImportProblem,
      nullable: true,
      description: 'Why it cannot be imported so.',
      resolve: ({ problem }) => problem,
    }),
  }),
});

const input = { type: ImportCheckpointInput, required: true as const, description: 'The upload, and what is known about its network.' };

builder.objectField(Checkpoint, 'importNote', (t) =>
  t.string({
    nullable: true,
    description:
      'In the answer of importCheckpoint: that these weights were here already, as which checkpoint, and what was not taken. Null elsewhere, and where the checkpoint is new.',
    resolve: (checkpoint: ImportedCheckpoint) => checkpoint.importNote ?? null,
  }),
);

builder.queryField('previewImport', (t) =>
  t.field({
    type: Preview,
    description:
      'Reads an upload and says what it holds, without importing it; values are not looked at. Needs the role MEMBER. A file that no setting can make into a checkpoint is deleted.',
    complexity: 1000,
    args: { input: t.arg(input) },
    resolve: (_root, { input: asked }, session) => previewImport(session, withRow(asked)),
  }),
);

builder.mutationField('importCheckpoint', (t) =>
  t.field({
    type: Checkpoint,
    description:
      'Makes a checkpoint of a file from elsewhere: PyTorch (torch.save of a state dict, at the top or inside a dict) or safetensors. Its bytes go up first: PUT /api/uploads (any length, streamed) answers {upload, sha256, bytes}. The file is read without running anything in it, and is gone once it has become a checkpoint. Sent again, it answers the same checkpoint. Weights that are here already stay the checkpoint that they are, under its name; importNote says so.',
    complexity: 1000,
    args: { input: t.arg(input) },
    resolve: (_root, { input: asked }, session) => importCheckpoint(session, withRow(asked)),
  }),
);
