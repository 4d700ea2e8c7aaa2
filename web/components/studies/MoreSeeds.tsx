'use client';
import { Button, Group, Popover, Text, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useMutation } from 'urql';
import { roughly } from '../../lib/format.ts';
import { seedsOf } from '../../lib/studies.ts';
import { extendStudy, type Study } from '../../queries/studies.ts';
import { longSeconds } from '../display/TakesLong.tsx';
import { report } from './report.ts';

/** Adds seeds to a study; what they take is said, and asked about where it is days. */
export function MoreSeeds({ study, onChange }: { study: Study; onChange(): void }) {
  const [opened, setOpened] = useState(false);
  const [text, setText] = useState('');
  const [asked, setAsked] = useState(false);
  const [extending, extend] = useMutation(extendStudy);
  const seeds = seedsOf(text);
  const added = seeds?.filter((seed) => !study.seeds.includes(seed)).length ?? 0;
  const seconds = study.estimatedSeconds === null ? null : (study.estimatedSeconds / study.seeds.length) * added;
  const add = async () => {
    if (!seeds) return;
    if (!asked && seconds !== null && seconds > longSeconds) return setAsked(true);
    const { error } = await extend({ id: study.id, seeds });
    report(error, 'The study could not be extended');
    if (!error) setOpened(false);
    setAsked(false);
    onChange();
  };
  return (
    <Popover opened={opened} onChange={setOpened} withArrow trapFocus position="bottom-end" width={340}>
      <Popover.Target>
        <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setOpened(!opened)}>
          More seeds
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void add();
          }}
        >
          <TextInput
            label="Seeds to add"
            description={`It has ${study.seeds.join(', ')}.`}
            placeholder="3, 4 or 3-7"
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setAsked(false);
            }}
            error={text !== '' && !seeds && 'Whole numbers: 3, 4 or 3-7'}
            data-autofocus
          />
          {added > 0 && seconds !== null && (
            <Text size="sm" mt="xs" role={asked ? 'alert' : 'status'}>
              About {roughly(seconds)} on the quickest device{asked ? ', and runs that come after wait. Add them anyway?' : '.'}
            </Text>
          )}
          <Group mt="sm">
            <Button type="submit" loading={extending.fetching} disabled={!seeds}>
              {asked ? 'Add them anyway' : 'Add'}
            </Button>
          </Group>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
