'use client';
import { Alert, Button, Group, Loader, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconDatabaseImport } from '@tabler/icons-react';
import { useState } from 'react';
import { useMutation } from 'urql';
import { type Imported, importCheckpoint } from '../../queries/import.ts';
import { Problems } from '../display/Problems.tsx';
import { Section } from '../display/Section.tsx';
import { FoundFacts } from './FoundFacts.tsx';
import { SettingsForm } from './SettingsForm.tsx';
import { channelsOf, inputOf, type Settings, untouched } from './settings.ts';
import { usePreview } from './use-preview.ts';

interface ReviewProps {
  upload: string;
  fileName: string;
  onImported(checkpoint: Imported): void;
  /** isGone: whether the lab has let go of the upload already. */
  onOther(isGone: boolean): void;
}

/** What was recognised in an upload, and what a person corrects about it. */
export function Review({ upload, fileName, onImported, onOther }: ReviewProps) {
  const [settings, setSettings] = useState<Settings>(untouched);
  const [channels, setChannels] = useState(3);
  const [places, setPlaces] = useState<string[]>([]);
  const [{ fetching, error }, send] = useMutation(importCheckpoint);
  const name = fileName.replace(/\.[a-z0-9]{1,11}$/i, '').slice(0, 200) || fileName;
  const { input, problems } = inputOf(upload, settings, channels);
  const complete = Object.keys(problems).length === 0;
  const { name: _, ...matters } = input;
  const { preview, error: unread, settled } = usePreview(complete ? input : null, JSON.stringify(matters));
  const found = preview?.found ?? null;
  const problem = settled ? (preview?.problem ?? null) : null;
  const isGone = problem?.path.includes('upload') ?? false;
  if (found && channelsOf(found) !== channels) setChannels(channelsOf(found));
  if (found && found.otherStateDicts.length + 1 > places.length) setPlaces([found.stateDict, ...found.otherStateDicts].sort());

  const submit = async () => {
    const { data } = await send({ input: { ...input, name: input.name ?? name } });
    if (data) onImported(data.importCheckpoint);
  };
  if (isGone)
    return (
      <Stack>
        <Alert color="red" icon={<IconAlertTriangle size={18} />} title={`${fileName} cannot be imported`} role="alert">
          {problem?.message}
        </Alert>
        <Group>
          <Button onClick={() => onOther(true)}>Choose another file</Button>
        </Group>
      </Stack>
    );
  return (
    <Stack gap="lg">
      <Section title="Recognised" description={fileName}>
        <div aria-live="polite" aria-busy={!settled}>
          {!preview && !unread && (
            <Group gap="xs">
              <Loader size="xs" />
              <Text size="sm" c="dimmed">
                Reading the file…
              </Text>
            </Group>
          )}
          <Problems error={unread} title="The file could not be looked at" />
          {problem && (
            <Alert color="yellow" icon={<IconAlertTriangle size={18} />} title="It cannot be imported so">
              {problem.message}
            </Alert>
          )}
          {found && <FoundFacts found={found} />}
        </div>
      </Section>
      <Section title="Correct and complete" description="What you leave empty takes the value shown in grey.">
        <SettingsForm
          settings={settings}
          found={found}
          problems={problems}
          fileName={name}
          places={places}
          onChange={(changes) => setSettings({ ...settings, ...changes })}
        />
        <Problems error={error} title="The checkpoint was not imported" />
        <Group mt="lg">
          <Button
            size="md"
            leftSection={<IconDatabaseImport size={17} />}
            loading={fetching}
            disabled={!complete || !settled || !found}
            onClick={() => void submit()}
          >
            Import
          </Button>
          <Button variant="default" size="md" onClick={() => onOther(false)} disabled={fetching}>
            Another file
          </Button>
        </Group>
      </Section>
    </Stack>
  );
}
