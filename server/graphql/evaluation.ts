/** Measured accuracies. */

import { accuracyOf, type Comparison, compareCheckpoints, intervalOf, outcomesOf } from '../services/evaluations.ts';
import { recordOf, rowOf } from '../services/identity.ts';
import { builder } from './builder.ts';
import { Suite, Trust } from './enums.ts';
import { Checkpoint, Evaluation, Run } from './objects.ts';

builder.node(Evaluation, {
  description: 'Accuracy of one checkpoint on one suite, split and attack.',
  id: { resolve: ({ id }) => id },
  loadOne: (id, { load }) => recordOf('Evaluation', `Evaluation-${id}`, load.evaluation),
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
    fingerprint: t.exposeString('fingerprint', {
      description: "SHA-256 of the protocol's canonical JSON; the seed of random streams is not part of it.",
    }),
    outcomes: t.string({
      nullable: true,
      description: "One character an image, in the split's order: 1 right, 0 wrong. Null where it was not recorded.",
      resolve: (one) => outcomesOf(one)?.join('') ?? null,
    }),
    trust: t.field({ type: Trust, description: 'Whether the number can be trusted.', resolve: ({ trust }) => trust }),
    findings: t.exposeStringList('findings', { description: 'Why it is SUSPECT, in words.' }),
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

export const PairedDifference = builder.objectRef<Comparison>('PairedDifference').implement({
  description: 'Two networks on the same images, measured the same way.',
  fields: (t) => ({
    images: t.exposeInt('images', { description: 'Images that both were measured on.' }),
    onlyFirst: t.exposeInt('onlyFirst', { description: 'Images that only the first got right.' }),
    onlySecond: t.exposeInt('onlySecond', { description: 'Images that only the second got right.' }),
    difference: t.exposeFloat('difference', { description: 'Accuracy of the second minus that of the first, a fraction.' }),
    low: t.exposeFloat('low', { description: 'Lower end of the 95% interval of the difference (Bonett and Price).' }),
    high: t.exposeFloat('high', { description: 'Upper end of the 95% interval of the difference.' }),
    pValue: t.exposeFloat('pValue', { description: 'Of the exact McNemar test, two-sided.' }),
    fingerprint: t.exposeString('fingerprint', { description: 'Of both evaluations.' }),
  }),
});

builder.queryField('compareCheckpoints', (t) =>
  t.field({
    type: PairedDifference,
    nullable: true,
    description: 'The same images under the same fingerprint, pairwise; null where two checkpoints have no evaluation in common.',
    args: {
      first: t.arg.id({ required: true, description: 'A checkpoint.' }),
      second: t.arg.id({ required: true, description: 'The checkpoint that it is compared with.' }),
      suite: t.arg({ type: Suite, required: true, description: 'What was measured.' }),
    },
    resolve: (_root, { first, second, suite }, session) =>
      compareCheckpoints(session, rowOf('Checkpoint', first, ['first']), rowOf('Checkpoint', second, ['second']), suite),
  }),
);
