/** Stages of a run and progress. */
import { type Progress as ProgressRecord, progressOfStage } from '../services/progress.ts';
import type { StageRecord } from '../services/records.ts';
import { builder } from './builder.ts';
import { RunState, StageName } from './enums.ts';

export const Progress = builder.objectRef<ProgressRecord>('Progress').implement({
  description: 'How far something is.',
  fields: (t) => ({
    fraction: t.exposeFloat('fraction', { description: 'From 0 to 1. The stages of a run weigh as much as the work that they are.' }),
    done: t.expose('done', { type: 'Long', description: 'Units done.' }),
    total: t.expose('total', { type: 'Long', description: 'Units in all.' }),
    unit: t.exposeString('unit', { description: 'What is counted: images, batches, stages.' }),
    rate: t.exposeFloat('rate', { nullable: true, description: 'Units a second, lately; null when nothing runs.' }),
    etaSeconds: t.exposeFloat('etaSeconds', { nullable: true, description: 'Seconds left, as far as can be told.' }),
  }),
});

export const Stage = builder.objectRef<StageRecord>('Stage').implement({
  description: 'A step of a run.',
  fields: (t) => ({
    name: t.field({ type: StageName, description: 'Which step.', resolve: ({ name }) => name }),
    state: t.field({ type: RunState, description: 'Where it stands.', resolve: ({ state }) => state }),
    progress: t.field({ type: Progress, description: 'How far it is.', resolve: (stage) => progressOfStage(stage) }),
    startedAt: t.expose('startedAt', { type: 'DateTime', nullable: true, description: 'When a worker took it.' }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true, description: 'When it ended.' }),
  }),
});
