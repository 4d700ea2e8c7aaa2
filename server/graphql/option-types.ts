/** The options that a choice brings with it, as input types: GraphQL has them as JSON, a form shows them field by field. */
import { z } from 'zod';
import { variants } from '../../engine/config.ts';

interface Property {
  type?: string;
  enum?: string[];
  description?: string;
  default?: unknown;
}

const scalars: Record<string, string> = { number: 'Float', integer: 'Int', boolean: 'Boolean', string: 'String' };

/** A default as GraphQL writes it: names of enumerations without quotes. */
const literal = (value: unknown, isName: boolean) => (value === undefined ? null : isName ? String(value) : JSON.stringify(value));

/** An input type named `CHOICE options`, as introspection would describe it, and the enumerations of its fields. */
function* typesOf(choice: string, { description: about, options: schema }: { description: string; options: z.ZodType }) {
  const properties = Object.entries((z.toJSONSchema(schema, { io: 'input' }).properties ?? {}) as Record<string, Property>);
  if (properties.length === 0) return;
  const enumOf = (name: string) => `${choice} ${name}`;
  yield {
    ...{ name: `${choice} options`, kind: 'INPUT_OBJECT', description: about, isOneOf: false, enumValues: null },
    inputFields: properties.map(([name, { type = '', enum: names, description = null, default: value }]) => ({
      ...{ name, description, defaultValue: literal(value, names !== undefined) },
      type: names ? { kind: 'ENUM', name: enumOf(name) } : { kind: 'SCALAR', name: scalars[type] ?? 'JSON' },
    })),
  };
  for (const [name, { enum: names }] of properties)
    if (names)
      yield {
        ...{ name: enumOf(name), kind: 'ENUM', description: null, isOneOf: false, inputFields: null },
        enumValues: names.map((value) => ({ name: value, description: null })),
      };
}

export const optionTypes = Object.entries(variants).flatMap(([name, variant]) => [...typesOf(name, variant)]);
