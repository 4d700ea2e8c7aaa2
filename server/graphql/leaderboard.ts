/** The leaderboard. */
import {
  type LeaderboardCell as Cell,
  type Leaderboard as LeaderboardRecord,
  type LeaderboardRow as Row,
  readLeaderboard,
} from '../services/leaderboard.ts';
import { builder } from './builder.ts';
import { Checkpoint, Run } from './objects.ts';

const LeaderboardCell = builder.objectRef<Cell>('LeaderboardCell').implement({
  description: 'Accuracies of one network, fractions.',
  fields: (t) => ({
    standard: t.exposeFloat('standard', { nullable: true, description: 'On clean images.' }),
    ood: t.exposeFloat('ood', { nullable: true, description: 'On corrupted images.' }),
    robust: t.exposeFloat('robust', { nullable: true, description: 'Under attack.' }),
    images: t.exposeInt('images', { nullable: true, description: 'Images measured.' }),
    checkpoint: t.field({
      type: Checkpoint,
      nullable: true,
      description: 'The weights.',
      resolve: ({ checkpointId }, _args, { load }) => (checkpointId === null ? null : load.checkpoint.load(checkpointId)),
    }),
  }),
});

const gain = ({ base, rift }: Row, suite: 'standard' | 'ood' | 'robust') => {
  const [before, after] = [base[suite], rift?.[suite] ?? null];
  return before === null || after === null ? null : after - before;
};

const LeaderboardRow = builder.objectRef<Row>('LeaderboardRow').implement({
  description: 'One network before and after RiFT.',
  fields: (t) => ({
    rank: t.exposeInt('rank', { description: 'Among the rows of the same protocol, by robust and then by standard accuracy.' }),
    architecture: t.exposeString('architecture', { description: 'Form of the network.' }),
    variant: t.exposeString('variant', { description: 'How the base network was trained.' }),
    published: t.exposeBoolean('published', { description: 'Whether the numbers come from a paper.' }),
    source: t.exposeString('source', { nullable: true, description: 'The paper and the table.' }),
    run: t.field({
      type: Run,
      nullable: true,
      description: "This lab's run.",
      resolve: ({ runId }, _args, { load }) => (runId === null ? null : load.run.load(runId)),
    }),
    base: t.expose('base', { type: LeaderboardCell, description: 'The base network.' }),
    rift: t.expose('rift', { type: LeaderboardCell, nullable: true, description: 'After RiFT; null for a training alone.' }),
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
    protocol: t.exposeString('protocol', { description: 'How its numbers were selected and measured.' }),
  }),
});

const Leaderboard = builder.objectRef<LeaderboardRecord>('Leaderboard').implement({
  description: 'Adversarial training beside RiFT, on one dataset.',
  fields: (t) => ({
    dataset: t.exposeString('dataset', { description: 'Canonical name of the dataset.' }),
    protocols: t.exposeStringList('protocols', { description: 'Protocols of the rows; only rows of one protocol can be compared.' }),
    rows: t.expose('rows', { type: [LeaderboardRow], description: 'By protocol, then by rank.' }),
  }),
});

builder.queryField('leaderboard', (t) =>
  t.field({
    type: Leaderboard,
    description: 'Finished RIFT and TRAINING runs, measured on test, and published results.',
    args: {
      dataset: t.arg.string({ required: true, description: 'Name of the dataset; case, hyphens and underscores do not matter.' }),
      architecture: t.arg.string({ description: 'Only this architecture.' }),
      protocol: t.arg.string({ description: 'Only rows of this protocol.' }),
      includePublished: t.arg.boolean({ defaultValue: true, description: 'Whether published rows are in.' }),
    },
    resolve: (_root, args, session) => readLeaderboard(session, args),
  }),
);
