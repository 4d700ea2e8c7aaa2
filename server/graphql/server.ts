/** The server itself. */
import { describeServer, type ServerDescription } from '../services/server.ts';
import { builder } from './builder.ts';

const Server = builder.objectRef<ServerDescription>('Server').implement({
  description: 'The RiftLab that answers.',
  fields: (t) => ({
    version: t.exposeString('version', { description: "RiftLab's version." }),
    postgres: t.exposeString('postgres', { description: "The database's version." }),
    retentionDays: t.exposeInt('retentionDays', { description: 'Days for which deleted runs can be restored; 0 for ever.' }),
    embedded: t.exposeBoolean('embedded', { description: 'Whether RiftLab runs the database itself.' }),
  }),
});

builder.queryField('server', (t) =>
  t.field({ type: Server, description: 'Versions of what runs here.', resolve: (_root, _args, session) => describeServer(session) }),
);
