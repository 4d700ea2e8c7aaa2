/** Arguments of lists. */
import { builder } from './builder.ts';
import { Direction } from './enums.ts';

export const filterHelp =
  "A condition, as in metrics.robust > 0.5 and params.variant in ('trades', 'mart'). Fields: created, started, finished, name, " +
  'state, kind, project, metrics.KEY, params.KEY, tags.KEY; an odd key is quoted: metrics.`my key`. Operators: = != < <= > >=, in, ' +
  'like, ilike, ~ (contains), is null, and, or, not, parentheses. Text is compared ignoring case; a time is written as 2026-11-23 ' +
  "or '2026-11-23T12:00:00Z'. A run without a key is found by `is null` alone.";

export const RunOrder = builder.inputType('RunOrder', {
  description: 'One key of an order.',
  fields: (t) => ({
    by: t.string({
      required: true,
      description: 'created, started, finished, name, state, metrics.KEY, params.KEY or tags.KEY; runs without it come last.',
    }),
    direction: t.field({ type: Direction, required: true, defaultValue: 'DESC', description: 'Largest or newest first when DESC.' }),
  }),
});
