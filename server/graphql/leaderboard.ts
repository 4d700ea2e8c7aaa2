/** The leaderboard. */
import type { SuiteMetric } from '../../engine/index.ts';
import { compareRow, type Leaderboard as LeaderboardRecord, readLeaderboard } from '../services/leaderboard.ts';
import type { AttackCell, LeaderboardCell as Cell, LeaderboardRow as Row } from '../services/leaderboard-rows.ts';
import { builder } from './builder.ts';
import { Trust } from './enums.ts';
import { PairedDifference } from './evaluation.ts';
import { Checkpoint, Run } from './objects.ts';

const LeaderboardAttack = builder.objectRef<AttackCell>('LeaderboardAttack').implement({
  description: 'Accuracy under an attack beside the one that rows are compared by.',
  fields: (t) => ({
    attack: t.exposeString('attack', { description: 'Its name, with the settings that tell it from others of the name: AUTO_ATTACK.' }),
    accuracy: t.exposeFloat('accuracy', { description: 'A fraction.' }),
    trust: t.field({ type: Trust, description: 'What its checks said.', resolve: ({ trust }) => trust }),
  }),
});

const LeaderboardCell = builder.objectRef<Cell>('LeaderboardCell').implement({
  description: 'Accuracies of one network, fractions.',
  fields: (t) => ({
    standard: t.exposeFloat('standard', { nullable: true, description: 'On clean images.' }),
    ood: t.exposeFloat('ood', { nullable: true, description: 'On corrupted images.' }),
    robust: t.exposeFloat('robust', { nullable: true, description: 'Under attack.' }),
    attacks: t.field({
      type: [LeaderboardAttack],
      description: 'Under other attacks, which rank nothing.',
      resolve: ({ attacks }) => attacks,
    }),
    images: t.exposeInt('images', { nullable: true, description: 'Images measured.' }),
    trust: t.field({ type: Trust, description: 'The worst of its numbers.', resolve: ({ trust }) => trust }),
    findings: t.exposeStringList('findings', { description: 'Why a number is SUSPECT, in words.' }),
    checkpoint: t.field({
      type: Checkpoint,
      nullable: true,
      description: 'The weights.',
      resolve: ({ checkpointId }, _args, { load }) => (checkpointId === null ? null : load.checkpoint.load(checkpointId)),
    }),
  }),
});

const gain = ({ base, rift }: Row, suite: SuiteMetric) => {
  const [before, after] = [base[suite], rift?.[suite] ?? null];
  return before === null || after === null ? null : after - before;
};

type RowFields = Parameters<NonNullable<Parameters<ReturnType<typeof builder.objectRef<Row>>['implement']>[0]['fields']>>[0];

const paired = (t: RowFields, suite: SuiteMetric) =>
  t.field({
    type: PairedDifference,
    nullable: true,
    description: 'The same difference image by image, base first; null where the outcomes of both are not there.',
    resolve: (row, _args, session) => compareRow(session, row, suite),
  });

const LeaderboardRow = builder.objectRef<Row>('LeaderboardRow').implement({
  description: 'One network, before and after RiFT where that was done.',
  fields: (t) => ({
    rank: t.exposeInt('rank', {
      description:
        'Among the rows of the same protocol, by robust accuracy, or else that on corrupted images, and then by standard accuracy; a SUSPECT number counts as none.',
    }),
    architecture: t.exposeString('architecture', { description: 'Form of the network.' }),
    network: t.exposeString('network', { description: 'Architecture and options in words: ResNet-20 (CIFAR).' }),
    variant: t.exposeString('variant', { description: 'How the base network was trained.' }),
    published: t.exposeBoolean('published', { description: 'Whether the numbers come from a paper.' }),
    source: t.exposeString('source', { nullable: true, description: 'The paper and the table, or the entry of RobustBench.' }),
    link: t.exposeString('link', { nullable: true, description: 'Address of the paper, where the source names one.' }),
    run: t.field({
      type: Run,
      nullable: true,
      description: "This lab's run.",
      resolve: ({ runId }, _args, { load }) => (runId === null ? null : load.run.load(runId)),
    }),
    base: t.expose('base', { type: LeaderboardCell, description: 'The base network, or the one that was measured by itself.' }),
    rift: t.expose('rift', {
      type: LeaderboardCell,
      nullable: true,
      description: 'After RiFT, or what was fine-tuned from the base; null for a network alone.',
    }),
    deltaStandard: t.float({
      nullable: true,
      description: 'Gain in standard accuracy, a fraction.',
      resolve: (row) => gain(row, 'standard'),
    }),
    deltaOod: t.float({
      nullable: true,
      description: 'Gain in accuracy on corrupted images, a fraction.',
      resolve: (row) => gain(row, 'ood'),
    }),
    deltaRobust: t.float({ nullable: true, description: 'Gain in robust accuracy, a fraction.', resolve: (row) => gain(row, 'robust') }),
    pairedStandard: paired(t, 'standard'),
    pairedOod: paired(t, 'ood'),
    pairedRobust: paired(t, 'robust'),
    protocol: t.exposeString('protocol', { description: 'How its numbers were selected and measured.' }),
  }),
});

const Leaderboard = builder.objectRef<LeaderboardRecord>('Leaderboard').implement({
  description: 'Adversarial training beside RiFT, on one dataset.',
  fields: (t) => ({
    dataset: t.exposeString('dataset', { description: 'Canonical name of the dataset.' }),
    protocols: t.exposeStringList('protocols', { description: 'Protocols of the rows; only rows of one protocol can be compared.' }),
    rows: t.expose('rows', { type: [LeaderboardRow], description: 'By protocol, then by rank; of each protocol the best.' }),
    total: t.exposeInt('total', { description: 'How many rows there are; more than are listed where there are very many.' }),
  }),
});

builder.queryField('leaderboard', (t) =>
  t.field({
    type: Leaderboard,
    description:
      'Finished RIFT and TRAINING runs and weights that were measured by themselves (EVALUATION), on test, and published results.',
    args: {
      dataset: t.arg.string({ required: true, description: 'Name of the dataset; case, hyphens and underscores do not matter.' }),
      architecture: t.arg.string({ description: 'Only this architecture.' }),
      protocol: t.arg.string({ description: 'Only rows of this protocol.' }),
      includePublished: t.arg.boolean({ defaultValue: true, description: 'Whether published rows are in.' }),
    },
    resolve: (_root, args, session) => readLeaderboard(session, args),
  }),
);
