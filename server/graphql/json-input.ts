/** The input of a start mutation that comes as JSON, read as if it had come as itself. */
import { coerceInputValue, GraphQLError, type GraphQLInputType, type GraphQLSchema } from 'graphql';
import { BadInputError, type InputProblem } from '../errors.ts';
import { withRows } from './start.ts';

/** type: name of its input type. Ids become row ids. Throws BadInputError with everything that is no such input, each with its path. */
export function readInput(schema: GraphQLSchema, type: string, input: unknown): object {
  const problems: InputProblem[] = [];
  const value = coerceInputValue(input, schema.getType(type) as GraphQLInputType, (path, wrong, error) => {
    problems.push({ message: error instanceof GraphQLError ? error.message : String(wrong), path: ['input', ...path] });
  });
  if (problems.length > 0) throw new BadInputError(problems);
  return withRows(value as object);
}
