/** Changes to runs that exist. */
import { deleteRuns, restoreRuns } from '../services/deletion.ts';
import { rowOf } from '../services/identity.ts';
import { cancelRun, resumeRun, updateRun } from '../services/runs.ts';
import { atMost, mostNames } from './bounds.ts';
import { builder } from './builder.ts';
import { Run } from './objects.ts';
import { TagInput } from './start.ts';

/** As many as the longest page shows. */
const mostRuns = 500;

const rowIn = (id: string | number, position: number) => rowOf('Run', String(id), ['ids', position]);

builder.mutationFields((t) => ({
  cancelRun: t.field({
    type: Run,
    description: 'Ends a run that is queued or running; its worker stops within two seconds.',
    args: { id: t.arg.id({ required: true, description: 'The run.' }) },
    resolve: (_root, { id }, session) => cancelRun(session, rowOf('Run', id)),
  }),
  resumeRun: t.field({
    type: Run,
    description: 'Continues from the last finished stage (and, inside training, the last epoch).',
    args: { id: t.arg.id({ required: true, description: 'A run that failed or was cancelled.' }) },
    resolve: (_root, { id }, session) => resumeRun(session, rowOf('Run', id)),
  }),
  deleteRuns: t.field({
    type: [Run],
    description:
      'Deletes runs that have ended, all of them or none: lists and leaderboards leave them out. They can be restored until the lab purges them; sent again, it changes nothing.',
    args: { ids: t.arg.idList({ required: true, ...atMost(mostRuns), description: 'The runs, at most 500.' }) },
    resolve: (_root, { ids }, session) => deleteRuns(session, ids.map(rowIn)),
  }),
  restoreRuns: t.field({
    type: [Run],
    description: 'Takes deleted runs back, all of them or none. Sent again, it changes nothing.',
    args: { ids: t.arg.idList({ required: true, ...atMost(mostRuns), description: 'The runs, at most 500.' }) },
    resolve: (_root, { ids }, session) => restoreRuns(session, ids.map(rowIn)),
  }),
  updateRun: t.field({
    type: Run,
    description: 'Renames a run, writes notes, sets and deletes tags. What is absent stays as it is.',
    args: {
      id: t.arg.id({ required: true, description: 'The run.' }),
      name: t.arg.string({ description: 'Its new name.' }),
      notes: t.arg.string({ ...atMost(100_000), description: 'Its new notes.' }),
      notesBefore: t.arg.string({
        ...atMost(100_000),
        ...atMost(100_000),
        description: 'The notes that these were written over. CONFLICT if somebody has changed them meanwhile; nothing is changed then.',
      }),
      setTags: t.arg({ type: [TagInput], ...atMost(mostNames), description: 'Tags to add or to replace.' }),
      deleteTags: t.arg.stringList({ ...atMost(mostNames), description: 'Keys of tags to delete.' }),
    },
    resolve: (_root, { id, ...change }, session) => updateRun(session, rowOf('Run', id), change),
  }),
}));
