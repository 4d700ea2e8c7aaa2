/** Measured accuracies. */

import { accuracyOf, intervalOf } from '../services/evaluations.ts';
import { rowOf } from '../services/identity.ts';
import { builder } from './builder.ts';
import { Suite } from './enums.ts';
import { Checkpoint, Evaluation, Run } from './objects.ts';

builder.node(Evaluation, {
  description: 'Accuracy of one checkpoint on one suite, split and attack.',
  id: { resolve: ({ id }) => id },
  loadOne: (id, { load }) => {
    const row = rowOf('Evaluation', `Evaluation-${id}`);
    return row === null ? null : load.evaluation.load(row);
  },
  fields: (t) => ({
    suite: t.field({ type: Suite, description: 'What it was measured on.', resolve: ({ suite }) => suite }),
    dataset: t.exposeString('dataset', { description: 'Name of the dataset.' }),
    split: t.exposeString('split', { description: 'train, holdout (cut from training) or test.' }),
    images: t.exposeInt('images', { description: 'Images measured.' }),
    correct: t.exposeInt('correct', { description: 'Images that counted as right.' }),
    accuracy: t.float({ description: 'correct / images, a fraction.', resolve: accuracyOf }),
    low: t.float({ description: 'Lower end of the 95% Wilson interval of the accuracy.', resolve: (one) => intervalOf(one).low }),
    high: t.float({ description: 'Upper end of the 95% Wilson interval of the accuracy.', resolve: (one) => intervalOf(one).high }),
    attack: t.expose('attack', { type: 'JSON', nullable: true, description: 'The attack, distances in pixels of [0, 1].' }),
    corruption: t.exposeString('corruption', { nullable: true, description: 'The corruption, of the OOD suite.' }),
    severity: t.exposeInt('severity', { nullable: true, description: 'Its severity, from 1 to 5.' }),
    protocol: t.exposeString('protocol', {
      description: 'Equal for two numbers exactly when they were measured the same way on the same images.',
    }),
    checkpoint: t.field({
      type: Checkpoint,
      nullable: true,
      description: 'The weights that were measured.',
      resolve: ({ checkpointId }, _args, { load }) => (checkpointId === null ? null : load.checkpoint.load(checkpointId)),
    }),
    run: t.field({
      type: Run,
      nullable: true,
      description: 'The run that measured.',
      resolve: ({ runId }, _args, { load }) => (runId === null ? null : load.run.load(runId)),
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was measured.' }),
  }),
});
