/** Devices. */
import { deviceState, listDevices, missingDevices } from '../services/devices.ts';
import { recordOf } from '../services/identity.ts';
import { builder } from './builder.ts';
import { Device, MissingDevice, Run } from './objects.ts';

MissingDevice.implement({
  description: 'A kind of device that a machine could compute on and cannot yet.',
  fields: (t) => ({
    backend: t.exposeString('backend', { description: 'onnx or tensorflow.' }),
    kind: t.exposeString('kind', { description: 'cpu, cuda or webgpu.' }),
    reason: t.exposeString('reason', { description: 'What is missing.' }),
    hint: t.exposeString('hint', { description: 'What to do about it.' }),
  }),
});

builder.node(Device, {
  description: 'What a worker computes on.',
  id: { resolve: ({ id }) => id },
  loadOne: (id, { load }) => recordOf('Device', `Device-${id}`, load.device),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its model, as the machine names it.' }),
    backend: t.exposeString('backend', { description: 'onnx, tensorflow or cpu.' }),
    kind: t.exposeString('kind', { description: 'cpu, cuda or webgpu.' }),
    label: t.exposeString('label', { description: 'What --device calls it: cpu, cuda:0, webgpu:0, tensorflow:0, tensorflow:cpu.' }),
    threads: t.exposeInt('threads', { description: 'Threads of the CPU that compute at once.' }),
    memoryBytes: t.field({
      type: 'Long',
      nullable: true,
      description: 'Memory that it can use, in bytes.',
      resolve: ({ memoryBytes }) => (memoryBytes === null ? null : Number(memoryBytes)),
    }),
    versions: t.exposeString('versions', { nullable: true, description: 'Runtime and driver.' }),
    imagesPerSecond: t.exposeFloat('imagesPerSecond', {
      nullable: true,
      description:
        'Images a second of a PGD step of ResNet18 on images of 32 x 32, measured once when the worker first met the device: a rough figure, lower when the machine was busy.',
    }),
    selfTest: t.exposeString('selfTest', {
      nullable: true,
      description: 'What the test at start found, against stored numbers: "passed in 0.4 s, largest error 1e-6" or "failed".',
    }),
    problem: t.exposeString('problem', { nullable: true, description: 'Why it failed.' }),
    hint: t.exposeString('hint', { nullable: true, description: 'What to do about the problem.' }),
    missing: t.field({
      type: [MissingDevice],
      description: 'What its machine could compute on besides and cannot yet.',
      resolve: (device) => missingDevices(device),
    }),
    state: t.string({
      description:
        'testing: its self-test is running. idle or busy: it takes runs. standby: it passed, but its worker computes on another. failed: see problem. offline: its worker is silent.',
      resolve: (device) => deviceState(device),
    }),
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
