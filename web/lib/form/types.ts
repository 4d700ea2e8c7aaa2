/** Input types of the API, as introspection describes them. */
import optionTypes from '../../queries/generated/options.json' with { type: 'json' };
import type { InputField, IntrospectedType, TypeReference } from '../../queries/start.ts';

export type TypeTable = ReadonlyMap<string, IntrospectedType>;

/** With the types of options, which the schema has as JSON. */
export const tableOf = (types: readonly IntrospectedType[]): TypeTable =>
  new Map([...types, ...(optionTypes as IntrospectedType[])].map((type) => [type.name, type]));

/** Which choice decides what the options of a field are. */
const deciding: Record<string, string> = { options: 'variant' };

/** Whether a field, JSON to the schema, is a part of fields in a form. */
export const hasOptions = ({ name, type }: InputField): boolean => unwrap(type).name === 'JSON' && name in deciding;

/** The fields of an input type under its other fields' values: options are a part of their own, or none where a choice brings none. */
export function fieldsOf(types: TypeTable, typeName: string, value: (field: string) => unknown): InputField[] {
  return (types.get(typeName)?.inputFields ?? []).flatMap((field) => {
    if (!hasOptions(field)) return [field];
    const name = `${value(deciding[field.name] as string)} options`;
    const type = types.get(name);
    return type ? [{ ...field, description: type.description, type: { kind: 'INPUT_OBJECT', name } }] : [];
  });
}

export interface Unwrapped {
  /** Name of the type inside every wrapper. */
  name: string;
  kind: string;
  list: boolean;
  required: boolean;
}

/** [Int!]! → Int, a required list. */
export function unwrap(reference: TypeReference): Unwrapped {
  const required = reference.kind === 'NON_NULL';
  let inner = required && reference.ofType ? reference.ofType : reference;
  const list = inner.kind === 'LIST';
  while (inner.ofType) inner = inner.ofType;
  return { name: inner.name ?? '', kind: inner.kind, list, required };
}

/** A field that the form must fill in: required and without a default. */
export const mustHave = (field: InputField): boolean => unwrap(field.type).required && field.defaultValue === null;

export interface StartMutation {
  /** startRift */
  mutation: string;
  /** StartRiftInput */
  input: string;
  /** RIFT */
  kind: string;
}

const firstOf = ['RIFT', 'TRAINING'];

/** The mutations that start a run, RiFT first; a study has a page of its own. */
export function startMutations(types: TypeTable): StartMutation[] {
  const names = [...types.keys()]
    .map((name) => /^Start(\w+)Input$/.exec(name)?.[1])
    .filter((name): name is string => name !== undefined && name !== 'Study');
  const all = names.map((name) => ({
    mutation: `start${name}`,
    input: `Start${name}Input`,
    kind: name.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase(),
  }));
  const place = ({ kind }: StartMutation) => (firstOf.includes(kind) ? firstOf.indexOf(kind) : firstOf.length);
  return all.sort((a, b) => place(a) - place(b));
}

/** A default as the schema's language writes it, as a JavaScript value; enum values become strings. */
export function defaultOf({ defaultValue }: InputField): unknown {
  if (defaultValue === null) return undefined;
  return JSON.parse(defaultValue.replace(/(?<![\w"])([A-Z][A-Z0-9_]*)(?![\w"])/g, '"$1"'));
}
