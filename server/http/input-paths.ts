/** Where in a field's arguments a wrong value stands: ['input', 'interpolation', 'alphas', 2]. */
import {
  type ASTNode,
  coerceInputValue,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  isInputType,
  Kind,
  type OperationDefinitionNode,
  typeFromAST,
  type VariableDefinitionNode,
  visit,
} from 'graphql';

type Path = readonly (string | number)[];
type Above = ASTNode | readonly ASTNode[];

/** The argument, input field and list positions above a node. */
function pathOf(node: ASTNode, parent: Above | undefined, ancestors: readonly Above[]): Path {
  const path: (string | number)[] = [];
  const line = [...ancestors, ...(parent ? [parent] : []), node];
  line.forEach((one, index) => {
    if ('kind' in one && (one.kind === Kind.ARGUMENT || one.kind === Kind.OBJECT_FIELD)) path.push(one.name.value);
    const above = line[index - 2];
    if (Array.isArray(line[index - 1]) && above && 'kind' in above && above.kind === Kind.LIST) {
      path.push((line[index - 1] as ASTNode[]).indexOf(one as ASTNode));
    }
  });
  return path;
}

const inputKinds: readonly string[] = [
  Kind.INT,
  Kind.FLOAT,
  Kind.STRING,
  Kind.BOOLEAN,
  Kind.NULL,
  Kind.ENUM,
  Kind.LIST,
  Kind.OBJECT,
  Kind.OBJECT_FIELD,
];

/** The path of a literal that validation refused; null for an error that is not about an input value. */
export function literalPath(document: DocumentNode, error: GraphQLError): Path | null {
  const wrong = error.nodes?.[0];
  if (!wrong || !inputKinds.includes(wrong.kind)) return null;
  let found: Path | null = null;
  visit(document, {
    enter(node, _key, parent, _path, ancestors) {
      if (node === wrong) found = pathOf(node, parent, ancestors);
    },
  });
  return found;
}

/** Where a variable is used first; its own name where it is not used in an argument. */
function usageOf(operation: OperationDefinitionNode, name: string): Path {
  let found: Path | null = null;
  visit(operation, {
    Variable(node, _key, parent, _path, ancestors) {
      const isDefinition = parent && 'kind' in parent && parent.kind === Kind.VARIABLE_DEFINITION;
      if (!found && !isDefinition && node.name.value === name) found = pathOf(node, parent, ancestors);
    },
  });
  return found ?? [name];
}

function* problems(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  definition: VariableDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Generator<GraphQLError> {
  const name = definition.variable.name.value;
  const type = typeFromAST(schema, definition.type as never);
  if (!type || !isInputType(type)) return;
  const path = () => usageOf(operation, name);
  const problem = (message: string, inner: Path) =>
    new GraphQLError(message, { nodes: definition, extensions: { code: 'BAD_USER_INPUT', path: [...path(), ...inner] } });
  const value = variables[name];
  if (value === undefined) {
    if (!definition.defaultValue && String(type).endsWith('!')) yield problem(`Variable "$${name}" of type ${type} is missing.`, []);
    return;
  }
  const found: GraphQLError[] = [];
  coerceInputValue(value, type, (inner, _wrong, error) => found.push(problem(error.message, inner)));
  yield* found;
}

/** Every variable whose value does not fit its type. */
export function variableProblems(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>> | undefined,
): GraphQLError[] {
  return (operation.variableDefinitions ?? []).flatMap((definition) => [...problems(schema, operation, definition, variables ?? {})]);
}
