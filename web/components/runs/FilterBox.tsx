'use client';
import { Anchor, Autocomplete, CloseButton, Popover, Text } from '@mantine/core';
import { useDebouncedCallback, useDebouncedValue } from '@mantine/hooks';
import { IconFilter } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useQuery } from 'urql';
import { completeWith, completions, lastName } from '../../lib/filter.ts';
import { count } from '../../lib/format.ts';
import { runFields } from '../../queries/runs.ts';

/** As the query asks for. */
const mostFields = 200;

interface FilterBoxProps {
  project: string | null;
  value: string;
  /** continued: what was told before is still being written. */
  onChange(filter: string, continued: boolean): void;
  /** What the server found wrong with the filter, with its place. */
  problem: string | null;
  /** Names in the filter that no run has. */
  hints: readonly { name: string; nearest: readonly string[]; message: string }[];
}

/** A filter in the lab's expression language, with the names that the runs have. */
export function FilterBox({ project, value, onChange, problem, hints }: FilterBoxProps) {
  const [text, setText] = useState(value);
  /** What was told last; another value comes from the address. */
  const [told, setTold] = useState(value);
  const [shown, setShown] = useState(value);
  if (value !== shown) {
    setShown(value);
    if (value !== told) {
      setTold(value);
      setText(value);
    }
  }
  const continued = useRef(false);
  const [begun] = useDebouncedValue(lastName(text), 250);
  const [{ data }] = useQuery({ query: runFields, variables: { project, search: begun || null } });
  const apply = useDebouncedCallback((next: string) => {
    setTold(next);
    onChange(next, continued.current);
    continued.current = true;
  }, 450);
  const change = (next: string) => {
    setText(next);
    apply(next.trim());
  };
  const suggestions = completions(text, data?.runFields ?? []);
  /** The server has more names than it was asked for. */
  const isCut = data?.runFields.length === mostFields;
  const [focused, setFocused] = useState(false);
  /** While a name is being written the filter is no mistake yet. */
  const wrong = problem !== null && !(focused && suggestions.names.length > 0);
  return (
    <Popover opened={wrong} position="bottom-start" width="target" withinPortal={false} trapFocus={false} returnFocus={false} shadow="md">
      <Popover.Target>
        <Autocomplete
          aria-label="Filter"
          placeholder="metrics.robust > 0.4 and params.architecture = 'RESNET18'"
          value={text}
          onChange={change}
          onOptionSubmit={(option) => queueMicrotask(() => change(completeWith(text, option)))}
          onFocus={() => setFocused(true)}
          onBlur={() => {
            setFocused(false);
            continued.current = false;
          }}
          data={[
            ...suggestions.names,
            ...(suggestions.cut > 0
              ? [{ value: `${count(suggestions.cut)}${isCut ? ' or more' : ' more'}: type a part of the name`, disabled: true }]
              : []),
          ]}
          filter={({ options }) => options}
          error={wrong}
          leftSection={<IconFilter size={16} stroke={1.7} aria-hidden />}
          rightSection={text ? <CloseButton size="sm" aria-label="Clear the filter" onClick={() => change('')} /> : null}
          rightSectionPointerEvents="all"
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.8rem' } }}
          style={{ flex: '1 1 320px' }}
          description={
            problem === null && hints.length > 0 ? (
              <Hints hints={hints} onTake={(name, near) => change(text.replaceAll(name, near))} />
            ) : null
          }
          inputWrapperOrder={['label', 'input', 'description']}
          spellCheck={false}
          autoCapitalize="off"
        />
      </Popover.Target>
      <Popover.Dropdown>
        <Text component="pre" role="alert" ff="monospace" size="xs" c="var(--mantine-color-error)" m={0} style={{ whiteSpace: 'pre-wrap' }}>
          {problem}
        </Text>
      </Popover.Dropdown>
    </Popover>
  );
}

interface HintsProps {
  hints: FilterBoxProps['hints'];
  onTake(name: string, nearest: string): void;
}

/** What may have been meant; a name is taken with a click. */
function Hints({ hints, onTake }: HintsProps) {
  return (
    <span role="status">
      {hints.map(({ name, nearest }) => (
        <span key={name} style={{ display: 'block' }}>
          No run has {name}.{nearest.length > 0 && ' Did you mean '}
          {nearest.map((near, index) => (
            <span key={near}>
              {index > 0 && ' or '}
              <Anchor component="button" type="button" inherit underline="always" onClick={() => onTake(name, near)}>
                {near}
              </Anchor>
            </span>
          ))}
          {nearest.length > 0 && '?'}
        </span>
      ))}
    </span>
  );
}
