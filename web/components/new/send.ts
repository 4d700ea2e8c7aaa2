/** Sends what a form means, and finds the fields that the server's objections belong to. */
import type { Client } from 'urql';
import { problemsOf, type RequestProblem } from '../../lib/errors.ts';
import { atField } from '../../lib/form/labels.ts';
import { hasOptions, type StartMutation, type TypeTable, unwrap } from '../../lib/form/types.ts';
import { createProject } from '../../queries/runs.ts';

export interface Answer {
  /** Id of the run that was started. */
  run: string | null;
  problems: RequestProblem[];
}

/** What is wrong with a project that is not there yet, at the field of its name; that somebody has made it meanwhile is fine. */
export async function makeProject(client: Client, name: string): Promise<RequestProblem[]> {
  const { error } = await client.mutation(createProject, { input: { name } }).toPromise();
  return problemsOf(error)
    .filter(({ code }) => code !== 'CONFLICT')
    .map((problem) => ({ ...problem, message: atField(problem.message), path: ['input', 'project'] }));
}

export async function send(client: Client, start: StartMutation, input: object, newProject: string | null): Promise<Answer> {
  const refusals = newProject === null ? [] : await makeProject(client, newProject);
  if (refusals.length > 0) return { run: null, problems: refusals };
  const document = `mutation Start($input: ${start.input}!) { ${start.mutation}(input: $input) { id } }`;
  const { data, error } = await client.mutation<Record<string, { id: string }>>(document, { input }).toPromise();
  return { run: data?.[start.mutation]?.id ?? null, problems: problemsOf(error) };
}

/** Objections by the form's paths; those that no field has are returned as `other`. */
export function fieldProblems(types: TypeTable, input: string, problems: readonly RequestProblem[]) {
  const byPath: Record<string, string> = {};
  const other: string[] = [];
  for (const { path, message } of problems) {
    const field = fieldAt(types, input, path.slice(1));
    if (field) byPath[field] ??= atField(message);
    else other.push(atField(message));
  }
  return { byPath, other };
}

/** ["interpolation", "alphas", 2] → "interpolation.alphas": the deepest field on the way that a form shows. */
function fieldAt(types: TypeTable, input: string, path: readonly (string | number)[]): string | null {
  const names: string[] = [];
  let type = types.get(input);
  for (const name of path) {
    const field = type?.inputFields?.find((candidate) => candidate.name === name);
    if (!field) break;
    names.push(field.name);
    const { name: inner, kind, list } = unwrap(field.type);
    if (hasOptions(field)) return path.slice(0, names.length + 1).join('.');
    if (kind !== 'INPUT_OBJECT' || list) return names.join('.');
    type = types.get(inner);
  }
  return null;
}
