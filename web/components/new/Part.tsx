'use client';
import { Button, Collapse, Group, SegmentedControl, SimpleGrid, Stack, Switch, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { applies, hints, isFolded, isSeen } from '../../lib/form/hints.ts';
import { defaultOf, fieldsOf, unwrap } from '../../lib/form/types.ts';
import { branchOf, join } from '../../lib/form/values.ts';
import { labelOf } from '../../lib/form/words.ts';
import type { InputField } from '../../queries/start.ts';
import { Field } from './Field.tsx';
import { hasProblem, useForm } from './form-context.ts';
import classes from './New.module.css';

interface PartProps {
  /** Name of the input type. */
  type: string;
  path: string;
}

/** The fields of an input type: the important ones at once, the others folded, its parts below. */
export function Part({ type, path }: PartProps) {
  const { types, values, problems } = useForm();
  const definition = types.get(type);
  const fields = definition?.inputFields ?? [];
  if (definition?.isOneOf) return <OneOf type={type} path={path} fields={fields} />;
  const value = (name: string) => {
    const field = fields.find((other) => other.name === name);
    return values[join(path, name)] ?? (field && defaultOf(field));
  };
  const shown = fieldsOf(types, type, value).filter(({ name }) => applies(type, name, value, path));
  const plain = shown.filter((field) => !isPart(field));
  const parts = shown.filter(isPart);
  const first = plain.filter(({ name }) => isSeen(type, name));
  const folded = plain.filter(({ name }) => !isSeen(type, name));
  const show = (some: InputField[]) => (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md" verticalSpacing="md">
      {some.map((field) => (
        <Field key={field.name} owner={type} field={field} path={join(path, field.name)} />
      ))}
    </SimpleGrid>
  );
  const foldedParts = parts.filter(({ name }) => isFolded(type, name));
  const openParts = parts.filter((part) => !foldedParts.includes(part));
  const foldedProblem = [...folded, ...foldedParts].some(({ name }) => hasProblem(problems, join(path, name)));
  return (
    <Stack gap="md">
      {first.length > 0 && show(first)}
      {folded.length + foldedParts.length > 0 && (
        <Folded names={[...folded, ...foldedParts].map((field) => labelOf(type, field.name))} forceOpen={foldedProblem}>
          {folded.length > 0 && show(folded)}
          {foldedParts.map((field) => (
            <SubPart key={field.name} owner={type} field={field} path={join(path, field.name)} />
          ))}
        </Folded>
      )}
      {openParts.map((field) => (
        <SubPart key={field.name} owner={type} field={field} path={join(path, field.name)} />
      ))}
    </Stack>
  );
}

const isPart = ({ type }: InputField) => {
  const { kind, list } = unwrap(type);
  return kind === 'INPUT_OBJECT' && !list;
};

interface SubPartProps {
  owner: string;
  field: InputField;
  path: string;
}

function SubPart({ owner, field, path }: SubPartProps) {
  const { values, set } = useForm();
  const optional = hints[`${owner}.${field.name}`]?.optional === true;
  const on = !optional || values[`${path}?`] !== false;
  const title = labelOf(owner, field.name);
  /** Several have the same name, so they are no landmarks. */
  const isInner = path.includes('.');
  return (
    <section className={isInner ? classes.inner : classes.part} role={isInner ? 'group' : undefined} aria-label={title}>
      <Group justify="space-between" wrap="nowrap" align="flex-start" mb={on ? 'sm' : 0}>
        <div>
          <Title order={isInner ? 3 : 2} size={isInner ? 'sm' : 'h3'}>
            {title}
          </Title>
          {field.description && (
            <Text size="xs" c="dimmed">
              {field.description}
            </Text>
          )}
        </div>
        {optional && <Switch checked={on} onChange={(event) => set(`${path}?`, event.currentTarget.checked)} aria-label={title} />}
      </Group>
      {on && <Part type={unwrap(field.type).name} path={path} />}
    </section>
  );
}

function OneOf({ type, path, fields }: PartProps & { fields: InputField[] }) {
  const { values, set } = useForm();
  const branch = branchOf(values, path, fields);
  const chosen = fields.find(({ name }) => name === branch);
  return (
    <Stack gap="md">
      <SegmentedControl
        aria-label="Where the weights come from"
        value={branch}
        onChange={(name) => set(`${path}?`, name)}
        data={fields.map((field) => ({ value: field.name, label: labelOf(type, field.name) }))}
        style={{ alignSelf: 'flex-start' }}
      />
      {chosen && isPart(chosen) && <Part type={unwrap(chosen.type).name} path={join(path, chosen.name)} />}
      {chosen && !isPart(chosen) && <Field owner={type} field={chosen} path={join(path, chosen.name)} needed />}
    </Stack>
  );
}

function Folded({ names, forceOpen, children }: { names: string[]; forceOpen: boolean; children: ReactNode }) {
  const [opened, { toggle }] = useDisclosure(false);
  const open = opened || forceOpen;
  return (
    <div>
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        onClick={toggle}
        aria-expanded={open}
        ml={-8}
        maw="100%"
        rightSection={<IconChevronDown size={14} style={{ transform: open ? 'rotate(180deg)' : undefined }} aria-hidden />}
      >
        More settings
        <Text span size="xs" c="dimmed" ml={8} truncate visibleFrom="xs">
          {names.slice(0, 4).join(', ')}
          {names.length > 4 && ', …'}
        </Text>
      </Button>
      <Collapse expanded={open}>
        <Stack gap="md" pt="sm">
          {children}
        </Stack>
      </Collapse>
    </div>
  );
}
