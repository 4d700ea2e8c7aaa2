/** What a run would cost, asked before it starts. */
import { estimate, type DeviceEstimate as Record, type RunEstimate } from '../services/start/estimate.ts';
import { builder } from './builder.ts';
import { RunKind, StageName } from './enums.ts';
import { readInput } from './json-input.ts';
import { Device } from './objects.ts';

const StageEstimate = builder.objectRef<Record['stages'][number]>('StageEstimate').implement({
  description: 'What one stage would take.',
  fields: (t) => ({
    name: t.field({ type: StageName, description: 'Which step.', resolve: ({ name }) => name }),
    seconds: t.exposeFloat('seconds', { description: 'Expected duration.' }),
  }),
});

const DeviceEstimate = builder.objectRef<Record>('DeviceEstimate').implement({
  description:
    'What a run would take on one device: from its measured speed and the multiply-adds of every stage, right within a factor of two.',
  fields: (t) => ({
    device: t.expose('device', { type: Device, description: 'The device.' }),
    seconds: t.exposeFloat('seconds', { description: 'Expected duration of the run, alone on the device.' }),
    stages: t.expose('stages', { type: [StageEstimate], description: 'In order.' }),
  }),
});

const Estimate = builder.objectRef<RunEstimate>('Estimate').implement({
  description: 'What a start mutation would cost, and with which settings.',
  fields: (t) => ({
    devices: t.expose('devices', { type: [DeviceEstimate], description: 'Devices whose speed is known, the quickest first.' }),
    config: t.field({
      type: 'JSON',
      description: 'What the run would record as its configuration: the input with every default decided.',
      resolve: ({ config }) => config,
    }),
  }),
});

builder.mutationField('estimate', (t) =>
  t.field({
    type: Estimate,
    description:
      'What a start mutation would cost on each device, in seconds, without starting it. Changes nothing; needs the role VIEWER.',
    args: {
      kind: t.arg({ type: RunKind, required: true, description: 'The kind of run.' }),
      input: t.arg({ type: 'JSON', required: true, description: "The input of that kind's start mutation." }),
    },
    resolve: (_root, { kind, input }, session, { schema }) => {
      const name = `Start${kind.toLowerCase().replaceAll(/(^|_)(.)/g, (_match, _dash, letter: string) => letter.toUpperCase())}Input`;
      return estimate(session, kind, schema.getType(name) ? readInput(schema, name, input) : input);
    },
  }),
);
