'use client';
import { Alert, Autocomplete, Button, Group, NumberInput, Paper, Select, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useClient } from 'urql';
import { problemsOf, type RequestProblem } from '../../lib/errors.ts';
import { ownGrid, placedProblems, readStudy, type StudyFields, type StudyProblems, usualDataset } from '../../lib/form/study.ts';
import { percentOf, studyPresets } from '../../lib/studies.ts';
import { type StudyEstimate, startStudy } from '../../queries/studies.ts';
import { JsonInput } from '../display/JsonInput.tsx';
import { longSeconds } from '../display/TakesLong.tsx';
import { Unbroken, unbroken } from '../display/Unbroken.tsx';
import { Unless, useRefusal } from '../display/Unless.tsx';
import { makeProject } from '../new/send.ts';
import { useProjects } from '../runs/use-projects.ts';
import { useDatasets } from '../system/use-system.ts';
import { LongStudy } from './LongStudy.tsx';
import { StudyCost } from './StudyCost.tsx';
import { StudyDataset } from './StudyDataset.tsx';
import { askStudyEstimate, useStudyEstimate } from './use-study-estimate.ts';

const baseExample = `{
  "model": { "training": {
    "architecture": "RESNET8", "dataset": "mnist" } }
}`;
const gridExample = `{
  "fineTune.select": ["LAST", "NON_ROBUST_CRITICAL"]
}`;

type Untouched = Omit<StudyFields, 'dataset'> & { dataset: string | null };

const untouched = { name: '', project: '', seeds: '0, 1, 2', scale: 100, dataset: null, base: '', grid: '' };

/** The form of a study, with what it costs before it starts. */
export function StudyForm({ preset }: { preset: string | null }) {
  const client = useClient();
  const router = useRouter();
  const refusal = useRefusal('MEMBER');
  const { names: projects } = useProjects('');
  const first = preset && studyPresets[preset] ? preset : 'TABLE_3';
  const datasets = useDatasets();
  const [fields, setFields] = useState<Untouched>({ ...untouched, preset: first });
  const [refused, setRefused] = useState<RequestProblem[]>([]);
  const [tried, setTried] = useState(false);
  const [sending, setSending] = useState(false);
  /** What takes so long that it is asked about. */
  const [asked, setAsked] = useState<StudyEstimate['devices'][number] | null>(null);
  const filled: StudyFields = {
    ...fields,
    project: fields.project || projects[0] || 'first',
    name: fields.name || studyPresets[fields.preset] || '',
    dataset: fields.dataset ?? usualDataset(fields.preset, datasets ?? []),
  };
  const { input, problems } = readStudy(filled);
  const complete = datasets !== undefined && Object.keys(problems).length === 0;
  const known = projects.includes(input.project);
  const estimated = useStudyEstimate(input, complete);
  const objections = placedProblems(filled, refused.length > 0 ? refused : (estimated?.problems ?? []));
  const shown: StudyProblems = {
    ...(tried ? problems : { base: problems.base, grid: problems.grid, seeds: problems.seeds }),
    ...objections.byField,
  };
  const set = (change: Partial<StudyFields>) => {
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
            { value: ownGrid, label: 'Nothing: a grid of its own' },
          ]}
          value={fields.preset}
          onChange={(value) => value && set({ preset: value })}
          allowDeselect={false}
          error={unbroken(shown.preset)}
        />
        {datasets && <StudyDataset fields={filled} datasets={datasets} error={shown.dataset} onChange={(dataset) => set({ dataset })} />}
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
          <TextInput
            label="Name"
            placeholder={studyPresets[fields.preset]}
            value={fields.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
            error={unbroken(shown.name)}
          />
          <Autocomplete
            label="Project"
            placeholder={projects[0] ?? 'first'}
            data={projects}
            value={fields.project}
            onChange={(project) => set({ project })}
            error={unbroken(shown.project)}
          />
          <TextInput
            label="Seeds"
            description="Every cell runs once with each: 0, 1, 2 or 0-4."
            value={fields.seeds}
            onChange={(event) => set({ seeds: event.currentTarget.value })}
            error={unbroken(shown.seeds)}
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
            error={unbroken(shown.scale)}
          />
        </SimpleGrid>
        <JsonInput
          label="Settings of all runs"
          description="JSON, as in startRift's input. What is given here goes before the preset, and is not scaled."
          placeholder={baseExample}
          minRows={4}
          value={fields.base}
          onChange={(event) => set({ base: event.currentTarget.value })}
          error={unbroken(shown.base)}
        />
        <JsonInput
          label="Grid"
          description={`JSON: a field of startRift's input to its values${fields.preset === ownGrid ? '.' : '; with those of the preset.'}`}
          placeholder={gridExample}
          minRows={3}
          value={fields.grid}
          onChange={(event) => set({ grid: event.currentTarget.value })}
          error={unbroken(shown.grid)}
        />
        <StudyCost estimate={estimated?.estimate} />
        {objections.other.map((message) => (
          <Alert key={message} color="red" role="alert">
            <Unbroken text={message} />
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
