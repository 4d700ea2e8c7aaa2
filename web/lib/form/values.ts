/** What is in a form, as text and choices by path, and the request that it means. */
import type { InputField } from '../../queries/start.ts';
import { ownDefault } from './defaults.ts';
import { applies, hints } from './hints.ts';
import { numberOf } from './numbers.ts';
import { defaultOf, fieldsOf, mustHave, type TypeTable, unwrap } from './types.ts';

export interface Tag {
  key: string;
  value: string;
}

/** An item of a list of objects. */
export type Item = Readonly<Record<string, unknown>>;

export type Raw = string | boolean | readonly string[] | readonly Tag[] | readonly Item[];

/** By path: "model.training.epochs". "model?" holds the chosen branch, "evaluation?" whether a part is in the request. */
export type Values = Readonly<Record<string, Raw | undefined>>;

export interface Built {
  /** The mutation's input; only what differs from the defaults. */
  input: Record<string, unknown>;
  /** What cannot be sent as it stands, by path. */
  problems: Record<string, string>;
}

export const listOf = (text: string): string[] => text.split(/[\s,;]+/).filter((part) => part !== '');

const isEmpty = (raw: Raw | undefined): boolean => raw === undefined || raw === '' || (Array.isArray(raw) && raw.length === 0);

export const join = (path: string, name: string): string => (path ? `${path}.${name}` : name);

export function build(types: TypeTable, type: string, values: Values): Built {
  const problems: Record<string, string> = {};
  const input = buildObject(types, type, '', values, problems);
  return { input, problems };
}

function buildObject(types: TypeTable, typeName: string, path: string, values: Values, problems: Record<string, string>) {
  const type = types.get(typeName);
  const fields = type?.inputFields ?? [];
  const defaults = (name: string) => {
    const field = fields.find((other) => other.name === name);
    return values[join(path, name)] ?? (field && defaultOf(field));
  };
  const entries = fieldsOf(types, typeName, defaults)
    .filter(({ name }) => (type?.isOneOf ? name === branchOf(values, path, fields) : applies(typeName, name, defaults, path)))
    .map((field) => [field.name, buildField(types, typeName, field, join(path, field.name), values, problems, type?.isOneOf === true)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** The chosen one of a part of which exactly one field is given. */
export const branchOf = (values: Values, path: string, fields: readonly InputField[]): string =>
  (values[`${path}?`] as string | undefined) ?? fields.at(-1)?.name ?? '';

function buildField(
  types: TypeTable,
  typeName: string,
  field: InputField,
  path: string,
  values: Values,
  problems: Record<string, string>,
  chosen: boolean,
): unknown {
  const { name, kind, list, required } = unwrap(field.type);
  if (kind === 'INPUT_OBJECT' && !list) {
    const wanted = hints[`${typeName}.${field.name}`]?.optional ? values[`${path}?`] !== false : false;
    if (values[`${path}?`] === false) return undefined;
    const object = buildObject(types, name, path, values, problems);
    return Object.keys(object).length > 0 || required || wanted || chosen ? object : undefined;
  }
  const raw = values[path];
  if (isEmpty(raw)) {
    if (mustHave(field) || chosen) problems[path] = 'This is needed.';
    return undefined;
  }
  return parse(name, list, raw as Raw, (problem) => {
    problems[path] = problem;
  });
}

function parse(name: string, list: boolean, raw: Raw, report: (problem: string) => void): unknown {
  if (typeof raw === 'boolean') return raw;
  if (typeof raw !== 'string') return raw;
  if (name === 'JSON') return parseJson(raw, report);
  if (name !== 'Int' && name !== 'Float') return list ? listOf(raw) : raw.trim();
  const numbers = (list ? listOf(raw) : [raw]).map((text) => ({ text, value: numberOf(text) }));
  const wrong = numbers.find(({ value }) => value === null || (name === 'Int' && !Number.isInteger(value)));
  if (wrong) {
    report(`${wrong.text} is not ${name === 'Int' ? 'a whole number' : 'a number; fractions like 8/255 are understood'}.`);
    return undefined;
  }
  const values = numbers.map(({ value }) => value as number);
  return list ? values : values[0];
}

function parseJson(text: string, report: (problem: string) => void): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    report(`This is not JSON: ${(error as Error).message}.`);
    return undefined;
  }
}

/** A recorded configuration as form values; what equals a default stays unset. */
export function valuesOf(types: TypeTable, typeName: string, config: unknown, path = ''): Values {
  const type = types.get(typeName);
  if (!type?.inputFields || typeof config !== 'object' || config === null) return {};
  const values: Record<string, Raw | undefined> = {};
  const given = config as Record<string, unknown>;
  const recorded = (name: string) => given[name] ?? type.inputFields?.filter((other) => other.name === name).map(defaultOf)[0];
  for (const field of fieldsOf(types, typeName, recorded)) {
    const value = given[field.name];
    const at = join(path, field.name);
    const { name, kind, list } = unwrap(field.type);
    if (value === undefined || value === null) {
      if (hints[`${typeName}.${field.name}`]?.optional) values[`${at}?`] = false;
      continue;
    }
    if (type.isOneOf) values[`${path}?`] = field.name;
    if (kind === 'INPUT_OBJECT' && !list) Object.assign(values, valuesOf(types, name, value, at));
    else if (JSON.stringify(ownDefault(typeName, field, at)) !== JSON.stringify(value))
      values[at] = name === 'JSON' ? JSON.stringify(value) : rawOf(value, kind);
  }
  return values;
}

function rawOf(value: unknown, kind: string): Raw {
  if (typeof value === 'boolean') return value;
  if (!Array.isArray(value)) return String(value);
  if (value.every((item) => typeof item === 'number')) return value.join(', ');
  return kind === 'INPUT_OBJECT' ? (value as Tag[] | Item[]) : value.map(String);
}
