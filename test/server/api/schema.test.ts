/** The schema: printed and committed, as the contract says, described, and in agreement with the engine's configuration. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GraphQLArgument, GraphQLInputField, GraphQLSchema } from 'graphql';
import { buildSchema, getNamedType, isEnumType, isInputObjectType, isInterfaceType, isObjectType, isUnionType } from 'graphql';
import { describe, expect, it } from 'vitest';
import * as config from '../../../engine/config.ts';
import { printedSchema, schema } from '../../../server/graphql/schema.ts';

const root = join(import.meta.dirname, '../../..');
const contractFile = join(root, '../shared/contract.graphql');

/** What the contract has and the schema still lacks, as `lacks` words it. */
const later: string[] = [
  'Mutation.createRun',
  'Mutation.finishRun',
  'Mutation.logEvaluation',
  'Mutation.logLines',
  'Mutation.logMetrics',
  'Mutation.logMrcScores',
  'Mutation.logParams',
  'Mutation.logSeries',
  'Mutation.logSweepPoints',
  'type CreateRunInput',
  'type EvaluationInput',
  'type LogLineInput',
  'type LogMetricsResult',
  'type MetricPointInput',
  'type MetricValue',
  'type MrcScoreInput',
  'type ParamInput',
  'type SeriesInput',
  'type SweepPointInput',
];

/** Differences between two schemas: everything of the first that the second lacks or states otherwise. */
function* lacks(wanted: GraphQLSchema, given: GraphQLSchema): Generator<string> {
  for (const [name, type] of Object.entries(wanted.getTypeMap())) {
    if (name.startsWith('__')) continue;
    const other = given.getType(name);
    if (!other) {
      yield `type ${name}`;
      continue;
    }
    if (isUnionType(type) && isUnionType(other)) {
      const members = other.getTypes().map((member) => member.name);
      for (const member of type.getTypes()) if (!members.includes(member.name)) yield `${name} has no ${member.name}`;
    }
    if (isEnumType(type) && isEnumType(other)) {
      for (const value of type.getValues()) {
        if (!other.getValue(value.name)) yield `${name}.${value.name}`;
      }
    }
    if (isInputObjectType(type)) {
      if (!isInputObjectType(other) || type.isOneOf !== other.isOneOf) yield `${name} is not the same kind of input`;
      else yield* inputs(name, Object.values(type.getFields()), Object.values(other.getFields()));
    }
    if (isObjectType(type) || isInterfaceType(type)) {
      if (!isObjectType(other) && !isInterfaceType(other)) {
        yield `${name} is not an object`;
        continue;
      }
      const interfaces = other.getInterfaces().map((one) => one.name);
      for (const one of type.getInterfaces()) if (!interfaces.includes(one.name)) yield `${name} implements ${one.name}`;
      for (const field of Object.values(type.getFields())) {
        const path = `${name}.${field.name}`;
        const same = other.getFields()[field.name];
        if (!same) yield path;
        else {
          if (String(same.type) !== String(field.type)) yield `${path}: ${same.type} instead of ${field.type}`;
          yield* inputs(path, field.args, same.args);
        }
      }
    }
  }
}

type Input = GraphQLArgument | GraphQLInputField;

function* inputs(path: string, wanted: readonly Input[], given: readonly Input[]): Generator<string> {
  for (const input of wanted) {
    const same = given.find(({ name }) => name === input.name);
    if (!same) yield `${path}.${input.name}`;
    else if (String(same.type) !== String(input.type)) yield `${path}.${input.name}: ${same.type} instead of ${input.type}`;
    else if (input.defaultValue !== undefined && JSON.stringify(same.defaultValue) !== JSON.stringify(input.defaultValue)) {
      yield `${path}.${input.name} = ${JSON.stringify(same.defaultValue)} instead of ${JSON.stringify(input.defaultValue)}`;
    }
  }
}

const inputFields = (name: string) => {
  const type = schema.getType(name);
  if (!isInputObjectType(type)) throw new Error(`${name} is no input`);
  return type.getFields();
};

describe('schema', () => {
  it('is printed as committed; print it anew with node --import tsx server/graphql/print.ts', () => {
    expect(readFileSync(join(root, 'server/graphql/schema.graphql'), 'utf8')).toBe(printedSchema());
  });

  it.skipIf(!existsSync(contractFile))('has every type, field, argument and default of the contract but those that come later', () => {
    expect([...lacks(buildSchema(readFileSync(contractFile, 'utf8')), schema)].sort()).toEqual([...later].sort());
  });

  it('describes everything', () => {
    const bare: string[] = [];
    for (const [name, type] of Object.entries(schema.getTypeMap())) {
      if (name.startsWith('__') || ['ID', 'String', 'Int', 'Float', 'Boolean'].includes(name)) continue;
      if (!type.description) bare.push(name);
      if (isEnumType(type)) for (const value of type.getValues()) if (!value.description) bare.push(`${name}.${value.name}`);
      if (!isObjectType(type) && !isInputObjectType(type) && !isInterfaceType(type)) continue;
      for (const field of Object.values(type.getFields())) {
        if (!field.description) bare.push(`${name}.${field.name}`);
        if ('args' in field)
          for (const argument of field.args) if (!argument.description) bare.push(`${name}.${field.name}(${argument.name})`);
      }
    }
    expect(bare).toEqual([]);
  });

  it.each([
    ['PgdInput', config.pgdConfig],
    ['TrainingInput', config.trainingConfig],
    ['CriticalityInput', config.criticalityConfig],
    ['FineTuneInput', config.fineTuneConfig],
    ['InterpolationInput', config.interpolationConfig],
    ['MeasureInput', config.measureConfig],
  ])('states the defaults of %s as the engine does', (name, object) => {
    const fields = inputFields(name);
    expect(Object.keys(fields).sort()).toEqual(Object.keys(object.shape).sort());
    const required = { architecture: 'RESNET8', dataset: 'mnist' };
    const parsed = object.parse(required) as Record<string, unknown>;
    for (const [key, field] of Object.entries(fields)) {
      const nested = isInputObjectType(getNamedType(field.type));
      if (!nested && !(key in required)) expect({ [key]: field.defaultValue }).toEqual({ [key]: parsed[key] });
    }
  });
});
