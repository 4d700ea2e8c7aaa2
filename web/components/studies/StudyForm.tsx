'use client';
import { Alert, Autocomplete, Button, Group, NumberInput, Paper, Select, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useClient } from 'urql';
import { problemsOf, type RequestProblem } from '../../lib/errors.ts';
import { objectOf, percentOf, seedsOf, studyPresets } from '../../lib/studies.ts';
import { type StudyEstimate, startStudy } from '../../queries/studies.ts';
import { JsonInput } from '../display/JsonInput.tsx';
import { longSeconds } from '../display/TakesLong.tsx';
import { Unless, useRefusal } from '../display/Unless.tsx';
import { makeProject } from '../new/send.ts';
import { useProjects } from '../runs/use-projects.ts';
import { LongStudy } from './LongStudy.tsx';
import { StudyCost } from './StudyCost.tsx';
import { askStudyEstimate, useStudyEstimate } from './use-study-estimate.ts';

const own = 'OWN';

const baseExample = `{
  "model": { "training": {
    "architecture": "RESNET8", "dataset": "mnist" } }
}`;
const gridExample = `{
  "fineTune.select": ["LAST", "NON_ROBUST_CRITICAL"]
}`;

interface Fields {
  preset: string;
  name: string;
  project: string;
  seeds: string;
  scale: number | string;
  base: string;
  grid: string;
}

type Problems = Partial<Record<keyof Fields, string>>;

function read({ preset, name, project, seeds, scale, base, grid }: Fields) {
  const problems: Problems = {};
  const list = seedsOf(seeds);
  const [settings, axes] = [objectOf(base), objectOf(grid)];
  if (name.trim() === '') problems.name = 'This is needed.';
  if (project.trim() === '') problems.project = 'This is needed.';
  if (!list) problems.seeds = 'Whole numbers: 0, 1, 2 or 0-4.';
  if (typeof scale !== 'number') problems.scale = 'A number above 0, at most 100.';
  if (settings === null) problems.base = 'This is no JSON object.';
  if (axes === null) problems.grid = 'This is no JSON object.';
  const input = {
    ...{ name: name.trim(), project: project.trim(), seeds: list ?? [], scale: Number(scale) / 100 },
    ...(preset !== own && { preset }),
    ...(settings && { base: settings }),
    ...(axes && { grid: axes }),
  };
  return { input, problems };
}

/** Objections by the form's fields; others stand at the button. */
function placed(problems: readonly RequestProblem[]): { byField: Problems; other: string[] } {
  const byField: Record<string, string> = {};
  const other: string[] = [];
  for (const { path, message } of problems) {
    const field = String(path[1] ?? '');
    if (['preset', 'name', 'project', 'seeds', 'scale', 'base', 'grid'].includes(field)) byField[field] ??= message;
    else other.push(message);
  }
  return { byField, other };
}

/** The form of a study, with what it costs before it starts. */
export function StudyForm({ preset }: { preset: string | null }) {
  const client = useClient();
  const router = useRouter();
  const refusal = useRefusal('MEMBER');
  const { names: projects } = useProjects('');
  const first = preset && studyPresets[preset] ? preset : 'TABLE_3';
  const [fields, setFields] = useState<Fields>({ preset: first, name: '', project: '', seeds: '0, 1, 2', scale: 100, base: '', grid: '' });
  const [refused, setRefused] = useState<RequestProblem[]>([]);
  const [tried, setTried] = useState(false);
  const [sending, setSending] = useState(false);
  /** What takes so long that it is asked about. */
  const [asked, setAsked] = useState<StudyEstimate['devices'][number] | null>(null);
  const filled = { ...fields, project: fields.project || projects[0] || 'first', name: fields.name || studyPresets[fields.preset] || '' };
  const { input, problems } = read(filled);
  const complete = Object.keys(problems).length === 0;
  const known = projects.includes(input.project);
  const estimated = useStudyEstimate(input, complete);
  const objections = placed(refused.length > 0 ? refused : (estimated?.problems ?? []));
  const shown: Problems = {
    ...(tried ? problems : { base: problems.base, grid: problems.grid, seeds: problems.seeds }),
    ...objections.byField,
  };
  const set = (change: Partial<Fields>) => {
    setFields((before) => ({ ...before, ...change }));
    setRefused([]);
    setAsked(null);
  };
  const submit = async (sure = false) => {
    setTried(true);
    setAsked(null);
    if (refusal || !complete) return;
    setSending(true);
    const { devices } = estimated ?? (await askStudyEstimate(client, JSON.stringify(input)));
    const [quickest] = devices;
    if (!sure && quickest && quickest.seconds > longSeconds) {
      setSending(false);
      setAsked(quickest);
      return;
    }
    const refusals = known ? [] : await makeProject(client, input.project);
    if (refusals.length > 0) {
      setSending(false);
      return setRefused(refusals);
    }
    const { data, error } = await client.mutation(startStudy, { input }).toPromise();
    setSending(false);
    if (data) return router.push(`/studies/${data.startStudy.id}`);
    setRefused(problemsOf(error));
  };
  return (
    <Paper
      component="form"
      p={{ base: 'md', sm: 'lg' }}
      maw={860}
      noValidate
      aria-label="Start a study"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Stack gap="md">
        <Select
          label="What it repeats"
          data={[
            ...Object.entries(studyPresets).map(([value, label]) => ({ value, label })),
            { value: own, label: 'Nothing: a grid of its own' },
          ]}
          value={fields.preset}
          onChange={(value) => value && set({ preset: value })}
          allowDeselect={false}
          error={shown.preset}
        />
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
          <TextInput
            label="Name"
            placeholder={studyPresets[fields.preset]}
            value={fields.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
            error={shown.name}
          />
          <Autocomplete
            label="Project"
            placeholder={projects[0] ?? 'first'}
            data={projects}
            value={fields.project}
            onChange={(project) => set({ project })}
            error={shown.project}
          />
          <TextInput
            label="Seeds"
            description="Every cell runs once with each: 0, 1, 2 or 0-4."
            value={fields.seeds}
            onChange={(event) => set({ seeds: event.currentTarget.value })}
            error={shown.seeds}
          />
          <NumberInput
            label="Scale"
            description="Share of the paper's images and epochs; it is said on every number."
            suffix=" %"
            min={0.01}
            max={100}
            decimalScale={2}
            value={fields.scale}
            onChange={(scale) => set({ scale })}
            error={shown.scale}
          />
        </SimpleGrid>
        <JsonInput
          label="Settings of all runs"
          description="JSON, as in startRift's input. What is given here goes before the preset, and is not scaled."
          placeholder={baseExample}
          minRows={4}
          value={fields.base}
          onChange={(event) => set({ base: event.currentTarget.value })}
          error={shown.base}
        />
        <JsonInput
          label="Grid"
          description={`JSON: a field of startRift's input to its values${fields.preset === own ? '.' : '; with those of the preset.'}`}
          placeholder={gridExample}
          minRows={3}
          value={fields.grid}
          onChange={(event) => set({ grid: event.currentTarget.value })}
          error={shown.grid}
        />
        <StudyCost estimate={estimated?.estimate} />
        {objections.other.map((message) => (
          <Alert key={message} color="red" role="alert">
            {message}
          </Alert>
        ))}
        {asked ? (
          <LongStudy
            input={input}
            seconds={asked.seconds}
            device={asked.device.name}
            onStart={() => void submit(true)}
            onChange={() => setAsked(null)}
            onScale={(scale) => set({ scale: percentOf(scale) })}
          />
        ) : (
          <Group>
            <Unless reason={refusal}>
              <Button type="submit" size="md" loading={sending} leftSection={<IconPlayerPlay size={17} />}>
                Start the study
              </Button>
            </Unless>
          </Group>
        )}
      </Stack>
    </Paper>
  );
}
