/** Arguments of lists. */
import { builder } from './builder.ts';
import { Direction } from './enums.ts';

export const filterHelp = [
  "A condition, as in metrics.robust > 0.5 and params.variant in ('trades', 'mart').",
  'Fields: created, started, finished, deleted, name, state, kind, project, metrics.KEY, params.KEY, tags.KEY; an odd key is quoted: metrics.`my key`.',
  'Operators: = != < <= > >=, in, like, ilike, ~ (contains), is null, is nan, and, or, not, parentheses.',
  'Text is compared without case, in every alphabet, except by like.',
  '< <= > >= with a bare number compare the params and tags that state a number, by size: tags.fold >= 10 finds 10, 11 and 100, not 9.',
  '= and != with a bare number compare params as numbers (params.lr = 1e-4 finds 0.0001) and tags as they are spelled (tags.version = 1.10 finds 1.10, not 1.1; tags.commit = 0012345).',
  'What is quoted is text: compared as spelled, ordered by letters.',
  'Metrics may be NaN, Infinity or -Infinity: metrics.loss = NaN, metrics.loss is nan; NaN is neither smaller nor larger than any number.',
  "A time is ISO 8601, as 2026-11-23 or '2026-11-23T12:00:00Z'; without a zone it is UTC.",
  'A run without a key is found by `is null` alone.',
].join(' ');

export const RunOrder = builder.inputType('RunOrder', {
  description: 'One key of an order.',
  fields: (t) => ({
    by: t.string({
      required: true,
      description:
        'created, started, finished, deleted, name, state, activity (running, then queued, then ended), metrics.KEY, params.KEY or tags.KEY. Numbers go by size and come before other texts, a NaN after every number; runs without it come last.',
    }),
    direction: t.field({ type: Direction, required: true, defaultValue: 'DESC', description: 'Largest or newest first when DESC.' }),
  }),
});
