'use client';
import { Alert, Button, Group, Paper, Tabs, Text } from '@mantine/core';
import { IconAlertTriangle, IconPlayerPlay } from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import { useMemo, useState } from 'react';
import { useClient } from 'urql';
import { basePath } from '../../lib/base-path.ts';
import type { RequestProblem } from '../../lib/errors.ts';
import { introOf } from '../../lib/form/hints.ts';
import type { StartMutation, TypeTable } from '../../lib/form/types.ts';
import { build, type Raw, type Values } from '../../lib/form/values.ts';
import { kindWord } from '../../lib/words.ts';
import type { CheckpointChoice } from '../../queries/checkpoints.ts';
import type { Dataset, Device } from '../../queries/lab.ts';
import { Unless, useRefusal } from '../display/Unless.tsx';
import { FormContext } from './form-context.ts';
import { freshValues, repeatedValues } from './initial.ts';
import classes from './New.module.css';
import { Part } from './Part.tsx';
import { RequestPanel } from './RequestPanel.tsx';
import { fieldProblems, send } from './send.ts';

interface StartFormProps {
  types: TypeTable;
  starts: StartMutation[];
  repeated: { kind: string; config: unknown; project: { name: string } } | null;
  projects: string[];
  datasets: readonly Dataset[];
  devices: readonly Device[];
  checkpoints: readonly CheckpointChoice[];
}

/** The form of one start mutation at a time, and the request that it means. */
export function StartForm({ types, starts, repeated, ...choices }: StartFormProps) {
  const client = useClient();
  const router = useRouter();
  const refusal = useRefusal('MEMBER');
  const [kind, setKind] = useState(repeated?.kind ?? starts[0]?.kind ?? '');
  const start = starts.find((other) => other.kind === kind) ?? starts[0];
  const [values, setValues] = useState<Values>(() =>
    repeated && start
      ? repeatedValues(types, start.input, repeated.config, repeated.project.name)
      : freshValues(choices.projects, choices.datasets),
  );
  const [refused, setRefused] = useState<RequestProblem[]>([]);
  const [tried, setTried] = useState(false);
  const [sending, setSending] = useState(false);
  const built = useMemo(() => (start ? build(types, start.input, values) : { input: {}, problems: {} }), [types, start, values]);
  const server = useMemo(() => fieldProblems(types, start?.input ?? '', refused), [types, start, refused]);
  const missing = Object.values(built.problems).length;
  const shown = tried ? built.problems : Object.fromEntries(Object.entries(built.problems).filter(([path]) => values[path] !== undefined));
  if (!start) return null;

  const project = String(built.input.project ?? '');
  const newProject = project && !choices.projects.includes(project) ? project : null;
  const set = (path: string, value: Raw | undefined) => {
    setValues((before) => ({ ...before, [path]: value }));
    setRefused([]);
  };
  const submit = async () => {
    setTried(true);
    if (missing > 0 || refusal) return;
    setSending(true);
    const answer = await send(client, start, built.input, newProject);
    setSending(false);
    if (answer.run) router.push(`/runs/${answer.run}`);
    else setRefused(answer.problems);
  };

  return (
    <FormContext value={{ types, values, set, problems: { ...shown, ...server.byPath }, ...choices }}>
      <Tabs
        value={kind}
        onChange={(next) => {
          setKind(next ?? kind);
          setRefused([]);
          setTried(false);
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
          <Part key={start.input} type={start.input} path="" />
          {server.other.length > 0 && (
            <Alert color="red" icon={<IconAlertTriangle size={18} />} title="The run was not started" mt="md" role="alert">
              {server.other.map((message) => (
                <div key={message}>{message}</div>
              ))}
            </Alert>
          )}
          <Group mt="lg" gap="sm">
            <Unless reason={refusal}>
              <Button type="submit" size="md" loading={sending} leftSection={<IconPlayerPlay size={17} />}>
                Start the run
              </Button>
            </Unless>
            {tried && missing > 0 && (
              <Text size="sm" c="var(--mantine-color-error)" role="alert">
                {missing === 1 ? 'One field needs' : `${missing} fields need`} another look.
              </Text>
            )}
          </Group>
        </Paper>
        <RequestPanel types={types} request={{ start, input: built.input, newProject, origin: window.location.origin + basePath }} />
      </div>
    </FormContext>
  );
}
