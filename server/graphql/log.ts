/** The log of a run. */
import type { LineRecord } from '../services/records.ts';
import { readLog } from '../services/runs.ts';
import { builder } from './builder.ts';
import { Run } from './objects.ts';

export const LogLine = builder.objectRef<LineRecord>('LogLine').implement({
  description: 'One line of the log.',
  fields: (t) => ({
    seq: t.expose('seq', { type: 'Long', description: 'Place in the log; grows by line.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was written.' }),
    level: t.exposeString('level', { description: 'info, warning or error.' }),
    text: t.exposeString('text', { description: 'What it says.' }),
  }),
});

builder.objectField(Run, 'log', (t) =>
  t.field({
    type: [LogLine],
    complexity: ({ first }) => ({ field: 1, multiplier: first ?? 200 }),
    description: 'Its log, in order.',
    args: {
      after: t.arg({ type: 'Long', description: 'Only lines after this seq.' }),
      first: t.arg.int({ defaultValue: 200, description: 'Most lines, at most 5000.' }),
    },
    resolve: ({ id }, { after, first }, session) => readLog(session, id, after ?? null, first ?? null),
  }),
);
