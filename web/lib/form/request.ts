/** The request that a form sends, written for a terminal, a script or GraphiQL. */
import { type StartMutation, type TypeTable, unwrap } from './types.ts';

/** The input as GraphQL writes it, enum values without quotes. */
export function literal(types: TypeTable, typeName: string, value: unknown, indent = ''): string {
  const type = types.get(typeName);
  if (Array.isArray(value)) return `[${value.map((item) => literal(types, typeName, item, indent)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return type?.kind === 'ENUM' ? String(value) : JSON.stringify(value);
  const inner = `${indent}  `;
  const lines = Object.entries(value).map(([name, item]) => {
    const field = type?.inputFields?.find((other) => other.name === name);
    return `${inner}${name}: ${literal(types, field ? unwrap(field.type).name : '', item, inner)}`;
  });
  return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${indent}}`;
}

export interface Request {
  start: StartMutation;
  input: Record<string, unknown>;
  /** Name of a project that has to be made first; null when it is there. */
  newProject: string | null;
  /** Where the server is: http://127.0.0.1:4000 */
  origin: string;
}

export function asGraphql(types: TypeTable, { start, input, newProject }: Request): string {
  const project = newProject === null ? '' : `  createProject(input: { name: ${JSON.stringify(newProject)} }) { id }\n`;
  return `mutation {\n${project}  ${start.mutation}(input: ${literal(types, start.input, input, '  ')}) {\n    id\n    name\n    state\n  }\n}`;
}

const document = ({ start }: Request) => `mutation ($input: ${start.input}!) { ${start.mutation}(input: $input) { id name state } }`;

const makeProject = 'mutation ($input: CreateProjectInput!) { createProject(input: $input) { id } }';

const steps = (request: Request) => [
  ...(request.newProject === null ? [] : [{ query: makeProject, variables: { input: { name: request.newProject } } }]),
  { query: document(request), variables: { input: request.input } },
];

export function asCurl(request: Request): string {
  const one = (body: object) =>
    `curl ${request.origin}/graphql \\\n  -H "Authorization: Bearer $RIFTLAB_TOKEN" \\\n  -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(body, null, 2).replaceAll("'", "'\\''")}'`;
  return steps(request).map(one).join('\n\n');
}

/** Needs nothing beside Python's standard library. */
export function asPython(request: Request): string {
  const calls = steps(request).map(({ query, variables }) => `print(ask(${JSON.stringify(query)}, ${pythonLiteral(variables)}))`);
  return `import json, os, urllib.request

def ask(query, variables):
    request = urllib.request.Request(
        "${request.origin}/graphql",
        data=json.dumps({"query": query, "variables": variables}).encode(),
        headers={
            "Content-Type": "application/json",
            "Authorization": "Bearer " + os.environ["RIFTLAB_TOKEN"],
        },
    )
    return json.load(urllib.request.urlopen(request))

${calls.join('\n')}`;
}

function pythonLiteral(value: unknown, indent = ''): string {
  const inner = `${indent}    `;
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value === null || value === undefined) return 'None';
  if (Array.isArray(value)) return `[${value.map((item) => pythonLiteral(item, indent)).join(', ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const lines = Object.entries(value).map(([name, item]) => `${inner}${JSON.stringify(name)}: ${pythonLiteral(item, inner)},`);
  return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${indent}}`;
}
