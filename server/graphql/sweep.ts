/** The alpha curve. */
import type { GraphQLResolveInfo } from 'graphql';
import { recordOf } from '../services/identity.ts';
import { mergedOf, selectedPoint } from '../services/sweeps.ts';
import { builder } from './builder.ts';
import { Trust } from './enums.ts';
import { Checkpoint, Sweep, SweepPoint } from './objects.ts';

/** Whether the query itself gives the argument: its value may be the schema's default. */
function isGiven({ fieldNodes, variableValues }: GraphQLResolveInfo, name: string): boolean {
  const value = fieldNodes[0]?.arguments?.find((argument) => argument.name.value === name)?.value;
  return value !== undefined && (value.kind !== 'Variable' || value.name.value in variableValues);
}

SweepPoint.implement({
  description: 'Accuracies of the weights (1 - alpha) base + alpha tuned.',
  fields: (t) => ({
    alpha: t.exposeFloat('alpha', { description: '0 is the base, 1 the fine-tuned weights.' }),
    standard: t.exposeFloat('standard', { nullable: true, description: 'Accuracy on clean images, a fraction.' }),
    robust: t.exposeFloat('robust', { nullable: true, description: 'Accuracy under attack, a fraction.' }),
    ood: t.exposeFloat('ood', { nullable: true, description: 'Accuracy on corrupted images, a fraction.' }),
    images: t.exposeInt('images', { description: 'Images measured.' }),
    split: t.exposeString('split', { description: 'Where they came from: holdout, or test under the PAPER protocol.' }),
    trust: t.field({ type: Trust, description: 'Whether the robust accuracy can be trusted.', resolve: ({ trust }) => trust }),
    findings: t.exposeStringList('findings', { description: 'Why it is SUSPECT, in words.' }),
  }),
});

builder.node(Sweep, {
  description: 'The way from a base network to its fine-tuned weights, measured at several alphas.',
  id: { resolve: ({ id }) => id },
  loadOne: (id, { load }) => recordOf('InterpolationSweep', `InterpolationSweep-${id}`, load.sweep),
  fields: (t) => ({
    base: t.field({
      type: Checkpoint,
      nullable: true,
      description: 'Weights of alpha 0.',
      resolve: ({ baseId }, _args, { load }) => (baseId === null ? null : load.checkpoint.load(baseId)),
    }),
    tuned: t.field({
      type: Checkpoint,
      nullable: true,
      description: 'Weights of alpha 1.',
      resolve: ({ tunedId }, _args, { load }) => (tunedId === null ? null : load.checkpoint.load(tunedId)),
    }),
    merged: t.field({
      type: [Checkpoint],
      description: 'Checkpoints that tuned was merged with: alpha 1 is what they give together.',
      resolve: (sweep, _args, session) => mergedOf(session, sweep),
    }),
    modules: t.exposeStringList('modules', { description: 'The modules in which the ends differ.' }),
    points: t.field({
      type: [SweepPoint],
      description: 'Measured points in order of alpha.',
      resolve: ({ id }, _args, { load }) => load.sweepPoints.load(id),
    }),
    selected: t.field({
      type: SweepPoint,
      nullable: true,
      description:
        'The point of the highest standard accuracy whose robust accuracy is at most tolerance below that of alpha 0. Recomputed, never rerun; null while alpha 0 is not measured.',
      args: {
        tolerance: t.arg.float({
          defaultValue: 0.001,
          description:
            "Robust accuracy that may be lost, a fraction. A query that leaves it out gets the point of the run's own tolerance.",
        }),
      },
      resolve: (sweep, { tolerance }, session, info) =>
        selectedPoint(session, sweep, isGiven(info, 'tolerance') ? (tolerance ?? null) : null),
    }),
  }),
});
