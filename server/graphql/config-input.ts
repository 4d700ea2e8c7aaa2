/** Input types made from the engine's schemas, so that names, descriptions and defaults are stated once. */
import type { z } from 'zod';
import { atMost } from './bounds.ts';
import { builder } from './builder.ts';

/** What the schema of one field says. */
interface Described {
  description: string;
  kind: 'Int' | 'Float' | 'Boolean' | 'String' | 'enum' | 'object';
  list: boolean;
  /** Items of the list, or characters of the text; undefined where the schema states none. */
  most: number | undefined;
  optional: boolean;
  /** undefined where there is none; an object's own defaults are stated in its type. */
  defaultValue: unknown;
}

interface Definition {
  type: string;
  innerType?: z.ZodType;
  element?: z.ZodType;
  defaultValue?: unknown;
  format?: string;
  check?: string;
  checks?: { _zod: { def: { check: string; maximum?: number } } }[];
}

const definitionOf = (schema: z.ZodType) => (schema as unknown as { def: Definition }).def;

/** Of a list or a text. */
const longestOf = (schema: z.ZodType) =>
  definitionOf(schema).checks?.find(({ _zod: { def } }) => def.check === 'max_length')?._zod.def.maximum;

const kinds: Record<string, Described['kind']> = {
  number: 'Float',
  int: 'Int',
  boolean: 'Boolean',
  string: 'String',
  enum: 'enum',
  object: 'object',
};

/** Unwraps defaults, optionals and lists down to the value itself. */
export function describeField(schema: z.ZodType): Described {
  const found: Described = { description: '', kind: 'String', list: false, most: undefined, optional: false, defaultValue: undefined };
  for (let current: z.ZodType | undefined = schema; current; ) {
    const definition: Definition = definitionOf(current);
    found.description ||= current.description ?? '';
    found.most ??= longestOf(current);
    if (definition.type === 'default') found.defaultValue = definition.defaultValue;
    if (['default', 'prefault', 'optional', 'nullable'].includes(definition.type)) found.optional = true;
    if (definition.type === 'array') found.list = true;
    const isInteger = definition.type === 'number' && (definition.format?.includes('int') ?? false);
    found.kind = kinds[isInteger ? 'int' : definition.type] ?? found.kind;
    current = definition.innerType ?? definition.element;
  }
  return found;
}

type InputRef = ReturnType<typeof builder.inputType> | ReturnType<typeof builder.enumType>;

export interface InputOptions {
  description: string;
  /** Types of fields that are enumerations, objects or ids. */
  types?: Record<string, unknown>;
  /** Whether a field with a default may be sent as null; null then means the default. */
  nullable?: boolean;
  isOneOf?: boolean;
  /** Lists with a default that are never null. */
  required?: readonly string[];
}

/** Defines an input type with a field for every field of the schema. Its values are checked by the schema again, in the services. */
export function inputFrom(
  name: string,
  schema: z.ZodObject,
  { description, types = {}, nullable = false, isOneOf = false, required: always = [] }: InputOptions,
) {
  const fields = Object.entries(schema.shape).map(([key, field]) => [key, describeField(field as z.ZodType)] as const);
  return builder.inputType(name, {
    description,
    isOneOf: isOneOf as false,
    fields: (t) =>
      Object.fromEntries(
        fields.map(([key, { description: text, kind, list, most, optional, defaultValue }]) => {
          const type = (types[key] ?? kind) as InputRef;
          const required = isOneOf ? false : optional ? defaultValue !== undefined && !nullable && (!list || always.includes(key)) : true;
          const options = {
            type: list ? [type] : type,
            required,
            defaultValue,
            description: text,
            ...(most !== undefined && atMost(most)),
          };
          return [key, t.field(options as never)];
        }),
      ),
  });
}
