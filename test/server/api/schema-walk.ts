/** Ways through the schema's arguments and input fields, for tests of all of them. */
import {
  type GraphQLArgument,
  type GraphQLInputField,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { schema } from '../../../server/graphql/schema.ts';

export type SchemaInput = GraphQLArgument | GraphQLInputField;

export const isList = ({ type }: SchemaInput) => isListType(isNonNullType(type) ? type.ofType : type);

/** Every argument and input field, by its coordinate. */
export function allInputs(): [string, SchemaInput][] {
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (type.name.startsWith('__')) return [];
    if (isInputObjectType(type)) return Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, field] as const);
    if (!isObjectType(type)) return [];
    return Object.values(type.getFields()).flatMap((field) =>
      field.args.map((argument) => [`${type.name}.${field.name}(${argument.name})`, argument] as const),
    );
  }) as [string, SchemaInput][];
}

/** Something that the argument takes. */
function fine(input: SchemaInput, seen: readonly string[] = []): unknown {
  const known: Record<string, string> = {
    id: 'Run-1',
    run: 'Run-1',
    ids: 'Run-1',
    project: 'p',
    dataset: 'cifar10',
    architecture: 'RESNET8',
  };
  const type = getNamedType(input.type);
  const isList = String(input.type).startsWith('[');
  const one = () => {
    if (isInputObjectType(type)) return fineObject(Object.values(type.getFields()), type.isOneOf, [...seen, type.name]);
    if (isEnumType(type)) return type.getValues()[0]?.name;
    if (known[input.name]) return known[input.name];
    if (type.name === 'ID') return 'Checkpoint-1';
    return { Int: 1, Float: 0.5, Long: 1, Boolean: true, DateTime: '2030-01-01T00:00:00Z', JSON: {} }[type.name] ?? 'fuzz';
  };
  return isList ? [one()] : one();
}

export const isNeeded = ({ type, defaultValue }: SchemaInput) => isNonNullType(type) && defaultValue === undefined;

function fineObject(inputs: readonly SchemaInput[], isOneOf: boolean, seen: readonly string[]): Record<string, unknown> {
  const taken = isOneOf ? inputs.slice(0, 1) : inputs.filter(isNeeded);
  return Object.fromEntries(taken.map((input) => [input.name, fine(input, seen)]));
}

export interface Place {
  coordinate: string;
  input: SchemaInput;
  /** The arguments, with this value in its place. */
  given(value: unknown): Record<string, unknown>;
}

/** Every argument of a field, and every field of the inputs within; each input type once in all. */
export function* places(owner: string, inputs: readonly SchemaInput[], visited: Set<string>, isOneOf = false): Generator<Place> {
  for (const input of inputs) {
    const rest = isOneOf
      ? {}
      : fineObject(
          inputs.filter((one) => one !== input),
          false,
          [],
        );
    const given = (value: unknown) => ({ ...rest, [input.name]: value });
    yield { coordinate: `${owner}.${input.name}`, input, given };
    const type = getNamedType(input.type);
    if (!isInputObjectType(type) || visited.has(type.name)) continue;
    visited.add(type.name);
    const wrap = (value: unknown) => given(String(input.type).startsWith('[') ? [value] : value);
    for (const place of places(type.name, Object.values(type.getFields()), visited, type.isOneOf))
      yield { ...place, given: (value) => wrap(place.given(value)) };
  }
}
