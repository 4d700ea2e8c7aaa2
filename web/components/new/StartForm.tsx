'use client';
import { Alert, Box, Button, Group, Paper, Tabs, Text } from '@mantine/core';
import { IconLock, IconPlayerPlay } from '@tabler/icons-react';
import { useRouter, useSearchParams } from 'next/navigation';
import { useEffect, useMemo, useState } from 'react';
import { useClient } from 'urql';
import { basePath } from '../../lib/base-path.ts';
import type { RequestProblem } from '../../lib/errors.ts';
import { introOf } from '../../lib/form/hints.ts';
import { hasPresets, presetOf, readyDataset, withPreset } from '../../lib/form/presets.ts';
import type { StartMutation, TypeTable } from '../../lib/form/types.ts';
import { build, type Raw, type Values } from '../../lib/form/values.ts';
import { kindWord } from '../../lib/words.ts';
import type { Dataset, Device } from '../../queries/lab.ts';
import type { DeviceEstimate } from '../../queries/start.ts';
import { longSeconds, TakesLong } from '../display/TakesLong.tsx';
import { Unless, useRefusal } from '../display/Unless.tsx';
import { ErrorSummary } from './ErrorSummary.tsx';
import { Expected, estimateFor } from './Expected.tsx';
import { focusField } from './focus.ts';
import { FormContext } from './form-context.ts';
import { freshValues, repeatedValues } from './initial.ts';
import classes from './New.module.css';
import { Part } from './Part.tsx';
import { PresetChoice } from './PresetChoice.tsx';
import { RequestPanel } from './RequestPanel.tsx';
import { fieldProblems, send } from './send.ts';
import { askEstimate, useEstimate, useResolved } from './use-estimate.ts';

interface StartFormProps {
  types: TypeTable;
  starts: StartMutation[];
  repeated: { kind: string; config: unknown; project: { name: string } } | null;
  projects: string[];
  datasets: readonly Dataset[];
  devices: readonly Device[];
}

/** Keeps what the form begins with in the address, so that a link to a colleague opens it the same way. */
function remember(changes: Record<string, string>) {
  const address = new URL(window.location.href);
  for (const [name, value] of Object.entries(changes)) address.searchParams.set(name, value);
  window.history.replaceState(null, '', address);
}

/** The form of one start mutation at a time, and the request that it means. */
export function StartForm({ types, starts, repeated, ...choices }: StartFormProps) {
  const client = useClient();
  const router = useRouter();
  const refusal = useRefusal('MEMBER');
  const address = useSearchParams();
  const first = starts.find((start) => start.kind === (repeated?.kind ?? address.get('kind')?.toUpperCase())) ?? starts[0];
  const [kind, setKind] = useState(first?.kind ?? '');
  const start = starts.find((other) => other.kind === kind) ?? starts[0];
  const [values, setValues] = useState<Values>(() =>
    repeated && start
      ? repeatedValues(types, start.input, repeated.config, repeated.project.name)
      : freshValues(choices.projects, choices.datasets, { preset: address.get('preset'), checkpoint: address.get('checkpoint') }),
  );
  const [refused, setRefused] = useState<RequestProblem[]>([]);
  /** Counts the tries to start; after the first, everything that is wrong is shown. */
  const [tries, setTries] = useState(0);
  const [sending, setSending] = useState(false);
  /** What takes so long that it is asked about. */
  const [asked, setAsked] = useState<DeviceEstimate | null>(null);
  const built = useMemo(() => (start ? build(types, start.input, values) : { input: {}, problems: {} }), [types, start, values]);
  const complete = Object.keys(built.problems).length === 0;
  const estimated = useEstimate(kind, built.input, complete && start !== undefined);
  const resolved = useResolved(kind, estimated, complete);
  const objections = refused.length > 0 ? refused : (estimated?.problems ?? []);
  const server = useMemo(() => fieldProblems(types, start?.input ?? '', objections), [types, start, objections]);
  const all = { ...built.problems, ...server.byPath };
  const touched = (path: string) => values[path] !== undefined;
  const shown = tries > 0 ? all : Object.fromEntries(Object.entries(all).filter(([path]) => touched(path)));
  const firstWrong = Object.keys(all)[0];
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new try moves the focus
  useEffect(() => {
    if (tries > 0 && firstWrong) focusField(firstWrong);
  }, [tries]);
  if (!start) return null;

  const project = String(built.input.project ?? '');
  const newProject = project && !choices.projects.includes(project) ? project : null;
  const estimate = estimateFor(estimated?.devices ?? [], values.device as string | undefined);
  const set = (path: string, value: Raw | undefined) => {
    setValues((before) => ({ ...before, [path]: value }));
    setRefused([]);
    setAsked(null);
  };
  const submit = async (sure = false) => {
    setAsked(null);
    if (refusal) return;
    if (Object.keys(all).length > 0) return setTries(tries + 1);
    setSending(true);
    const known = estimated ?? (await askEstimate(client, kind, built.input));
    const expected = estimateFor(known.devices, values.device as string | undefined);
    if (!sure && expected && expected.seconds > longSeconds) {
      setSending(false);
      setAsked(expected);
      return;
    }
    const answer = await send(client, start, built.input, newProject);
    setSending(false);
    if (answer.run) return router.push(`/runs/${answer.run}`);
    setRefused(answer.problems);
    setTries(tries + 1);
  };
  const dataset = readyDataset(choices.datasets);

  return (
    <FormContext value={{ types, values, resolved, set, problems: shown, ...choices }}>
      {refusal && (
        <Alert color="gray" icon={<IconLock size={18} />} title="You can look, and not start" mb="md">
          {refusal}
        </Alert>
      )}
      <Tabs
        value={kind}
        onChange={(next) => {
          setKind(next ?? kind);
          remember({ kind: (next ?? kind).toLowerCase() });
          setRefused([]);
          setTries(0);
        }}
        mb="md"
      >
        <Tabs.List className={classes.tabs} aria-label="Kind of run" style={{ flexWrap: 'nowrap' }}>
          {starts.map((other) => (
            <Tabs.Tab key={other.kind} value={other.kind} style={{ flex: 'none' }}>
              {kindWord(other.kind)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {starts.map((other) => (
          <Tabs.Panel key={other.kind} value={other.kind}>
            {null}
          </Tabs.Panel>
        ))}
      </Tabs>
      <div className={classes.layout}>
        <Paper
          component="form"
          p={{ base: 'md', sm: 'lg' }}
          noValidate
          aria-label={`Start: ${kindWord(kind)}`}
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <Text size="sm" c="dimmed" mb="md">
            {introOf(start.kind) ?? types.get(start.input)?.description}
          </Text>
          {hasPresets(kind) && (
            <PresetChoice
              value={presetOf(values, dataset)}
              onChange={(name) => {
                setValues(withPreset(values, name, dataset));
                setRefused([]);
                setAsked(null);
                remember({ preset: name });
              }}
            />
          )}
          <Part key={start.input} type={start.input} path="" />
          <Expected estimate={estimate} known={estimated !== undefined && estimated.problems.length === 0} />
          {tries > 0 && <ErrorSummary types={types} input={start.input} problems={all} other={server.other} />}
          {asked ? (
            <Box mt="lg">
              <TakesLong
                what="The run"
                seconds={asked.seconds}
                device={asked.device.name}
                onStart={() => void submit(true)}
                onChange={() => setAsked(null)}
              >
                Fewer epochs or images, or a smaller network, take less.
              </TakesLong>
            </Box>
          ) : (
            <Group mt="lg">
              <Unless reason={refusal}>
                <Button type="submit" size="md" loading={sending} leftSection={<IconPlayerPlay size={17} />}>
                  Start the run
                </Button>
              </Unless>
            </Group>
          )}
        </Paper>
        <RequestPanel types={types} request={{ start, input: built.input, newProject, origin: window.location.origin + basePath }} />
      </div>
    </FormContext>
  );
}
