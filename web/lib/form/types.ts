/** Input types of the API, as introspection describes them. */
import type { InputField, IntrospectedType, TypeReference } from '../../queries/start.ts';

export type TypeTable = ReadonlyMap<string, IntrospectedType>;

export const tableOf = (types: readonly IntrospectedType[]): TypeTable => new Map(types.map((type) => [type.name, type]));

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

/** The start mutations that the API has, RiFT first. */
export function startMutations(types: TypeTable): StartMutation[] {
  const names = [...types.keys()].map((name) => /^Start(\w+)Input$/.exec(name)?.[1]).filter((name) => name !== undefined);
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
