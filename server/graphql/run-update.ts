/** Subscriptions. */
import { rowOf } from '../services/identity.ts';
import type { RunRecord } from '../services/records.ts';
import { rankedScores } from '../services/results.ts';
import { changedRuns, deviceLists, runUpdates, type RunUpdate as Update } from '../services/updates.ts';
import { builder } from './builder.ts';
import { LogLine } from './log.ts';
import { MetricPoint, SpecialSpan } from './metric.ts';
import { Device, Evaluation, MrcScore, Run, SweepPoint } from './objects.ts';

type Of<Type extends Update['type']> = Extract<Update, { type: Type }>;

const RunSnapshot = builder.objectRef<Of<'RunSnapshot'>>('RunSnapshot').implement({
  description: 'The run as it is now: the first event, and again after the server lost track for a while.',
  fields: (t) => ({ run: t.expose('run', { type: Run, description: 'The run.' }) }),
});
const RunChanged = builder.objectRef<Of<'RunChanged'>>('RunChanged').implement({
  description: 'State, stages, progress, tags, notes or checkpoints changed.',
  fields: (t) => ({ run: t.expose('run', { type: Run, description: 'The run.' }) }),
});
const MetricsLogged = builder.objectRef<Of<'MetricsLogged'>>('MetricsLogged').implement({
  description: 'New points of its series.',
  fields: (t) => ({
    points: t.expose('points', { type: [MetricPoint], description: 'Finite values, in order of step.' }),
    specials: t.expose('specials', { type: [SpecialSpan], description: 'The others, each a span of one step.' }),
  }),
});
const LinesLogged = builder.objectRef<Of<'LinesLogged'>>('LinesLogged').implement({
  description: 'New lines of its log.',
  fields: (t) => ({ lines: t.expose('lines', { type: [LogLine], description: 'In order.' }) }),
});
const MrcScored = builder.objectRef<Of<'MrcScored'>>('MrcScored').implement({
  description: 'A module was scored. Ranks are among the modules scored so far.',
  fields: (t) => ({
    score: t.field({
      type: MrcScore,
      description: 'The score.',
      resolve: async ({ score }, _args, session) => {
        const ranked = await rankedScores(session, score.runId);
        return ranked.find(({ module }) => module === score.module) ?? { ...score, rank: 1 };
      },
    }),
  }),
});
const SweepPointScored = builder.objectRef<Of<'SweepPointScored'>>('SweepPointScored').implement({
  description: 'A point of the alpha curve was measured.',
  fields: (t) => ({ point: t.expose('point', { type: SweepPoint, description: 'The point.' }) }),
});
const Evaluated = builder.objectRef<Of<'Evaluated'>>('Evaluated').implement({
  description: 'A checkpoint was measured.',
  fields: (t) => ({ evaluation: t.expose('evaluation', { type: Evaluation, description: 'The evaluation.' }) }),
});

const RunUpdate = builder.unionType('RunUpdate', {
  description: 'Something that happened to a run.',
  types: [RunSnapshot, RunChanged, MetricsLogged, LinesLogged, MrcScored, SweepPointScored, Evaluated],
  resolveType: ({ type }) => type,
});

builder.subscriptionFields((t) => ({
  runUpdated: t.field({
    type: RunUpdate,
    description: "Starts with the run as it is now, then every change; a client that reconnects misses nothing that it can't query.",
    args: { id: t.arg.id({ required: true, description: 'The run.' }) },
    subscribe: (_root, { id }, session) => runUpdates(session, rowOf('Run', id)) as never,
    resolve: (update) => update as unknown as Update,
  }),
  runsUpdated: t.field({
    type: Run,
    description: 'A run, whenever its state, stages, progress, results or labels changed.',
    args: { project: t.arg.string({ description: 'Name of a project; all projects when absent.' }) },
    subscribe: (_root, { project }, session) => changedRuns(session, project ?? null) as never,
    resolve: (run) => run as unknown as RunRecord,
  }),
  devicesUpdated: t.field({
    type: [Device],
    description: 'All devices: at once, and whenever one changes.',
    subscribe: (_root, _args, session) => deviceLists(session) as never,
    resolve: (devices) => devices as never,
  }),
}));
