/** The files of a run. */
import { artifactsOfRun, type RunArtifact } from '../services/results.ts';
import { builder } from './builder.ts';
import { Run } from './objects.ts';

const Artifact = builder.objectRef<RunArtifact>('Artifact').implement({
  description: 'A file that a run made.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the file.' }),
    sha256: t.expose('sha256', { type: 'Sha256', description: 'Of its bytes.' }),
    bytes: t.expose('bytes', { type: 'Long', description: 'Its length.' }),
    url: t.exposeString('url', { description: 'Downloads it: a path on this server.' }),
  }),
});

builder.objectField(Run, 'artifacts', (t) =>
  t.field({
    type: [Artifact],
    description: 'Files that it made.',
    resolve: ({ id }, _args, session) => artifactsOfRun(session, id),
  }),
);
