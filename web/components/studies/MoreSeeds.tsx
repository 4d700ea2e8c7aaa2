'use client';
import { Box, Button, Group, Popover, Text, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useMutation } from 'urql';
import { roughly } from '../../lib/format.ts';
import { seedsOf } from '../../lib/studies.ts';
import { extendStudy, type Study } from '../../queries/studies.ts';
import { longSeconds, TakesLong } from '../display/TakesLong.tsx';
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
  const add = async (sure = false) => {
    if (!seeds) return;
    if (!sure && seconds !== null && seconds > longSeconds) return setAsked(true);
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
          {asked && seconds !== null ? (
            <Box mt="sm">
              <TakesLong
                what={added === 1 ? 'The added seed' : 'The added seeds'}
                seconds={seconds}
                device="the quickest device"
                onStart={() => void add(true)}
                onChange={() => setAsked(false)}
              >
                Fewer seeds take less.
              </TakesLong>
            </Box>
          ) : (
            <>
              <Text size="sm" mt="xs" role="status">
                {added > 0 && seconds !== null && `About ${roughly(seconds)} on the quickest device.`}
              </Text>
              <Group mt="sm">
                <Button type="submit" loading={extending.fetching} disabled={!seeds}>
                  Add
                </Button>
              </Group>
            </>
          )}
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
