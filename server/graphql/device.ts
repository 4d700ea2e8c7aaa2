/** Devices. */
import { deviceState, listDevices } from '../services/devices.ts';
import { rowOf } from '../services/identity.ts';
import { builder } from './builder.ts';
import { Device, Run } from './objects.ts';

builder.node(Device, {
  description: 'What a worker computes on.',
  id: { resolve: ({ id }) => id },
  loadOne: (id, { load }) => {
    const row = rowOf('Device', `Device-${id}`);
    return row === null ? null : load.device.load(row);
  },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its model, as the machine names it.' }),
    backend: t.exposeString('backend', { description: 'onnx, tensorflow or cpu.' }),
    kind: t.exposeString('kind', { description: 'cpu, cuda or webgpu.' }),
    threads: t.exposeInt('threads', { description: 'Threads that compute at once.' }),
    state: t.string({ description: 'idle, busy, or offline when its worker is silent.', resolve: (device) => deviceState(device) }),
    worker: t.exposeString('worker', { description: 'The process that owns it: machine and number.' }),
    lastSeenAt: t.expose('lastSeenAt', { type: 'DateTime', description: 'When its worker was heard last.' }),
    run: t.field({
      type: Run,
      nullable: true,
      description: 'What it computes now.',
      resolve: ({ runId }, _args, { load }) => (runId === null ? null : load.run.load(runId)),
    }),
  }),
});

builder.queryField('devices', (t) =>
  t.field({
    type: [Device],
    description: 'Devices seen within the last week.',
    resolve: (_root, _args, session) => listDevices(session),
  }),
);
