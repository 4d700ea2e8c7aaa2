/** Projects: a name, a description and the runs in it. */
import { z } from 'zod';
import { ConflictError, NotFoundError } from '../errors.ts';
import { decodeCursor, encodeCursor, wrongCursor } from '../store/cursor.ts';
import * as store from '../store/projects.ts';
import { act } from './act.ts';
import { check } from './input.ts';
import { pageSize } from './page-size.ts';
import { permit } from './permission.ts';
import type { ProjectRecord } from './records.ts';
import type { Session } from './session.ts';

const newProject = z.object({
  name: z
    .string()
    .trim()
    .normalize()
    .min(1, 'A project needs a name.')
    .max(100)
    .describe('Unique in the lab; letters, digits, spaces, dots, hyphens and underscores.')
    .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u, 'A project is named with letters, digits, spaces, dots, hyphens and underscores.'),
  description: z.string().max(10_000).default(''),
});

export async function createProject(session: Session, input: unknown): Promise<ProjectRecord> {
  permit(session, 'MEMBER');
  const project = check(newProject, input, ['input']);
  return act(session, 'createProject', project, async (transaction) => {
    const created = await store.createProject(transaction, project);
    if (!created) throw new ConflictError(`There is a project "${project.name}" already.`, ['input', 'name']);
    return { target: `Project-${created.id}`, result: created };
  });
}

export const findProject = (session: Session, name: string) => store.findProject(session.lab.database, name);

/** Throws NotFoundError with the path of the argument. */
export async function needProject(session: Session, name: string, path: readonly (string | number)[]): Promise<ProjectRecord> {
  const project = await store.findProject(session.lab.database, name);
  if (!project) throw new NotFoundError(`There is no project "${name}". Create it with createProject.`, path);
  return project;
}

/** Those whose name contains search, in whatever case; all when it is null. */
export async function listProjects(session: Session, search: string | null, first: number | null, after: string | null) {
  const page = await store.listProjects(session.lab.database, search, pageSize(first), after === null ? null : nameOf(after));
  return { ...page, cursors: page.cursors.map((name) => encodeCursor(byName, [name])) };
}

export const countProjects = (session: Session, search: string | null) => store.countProjects(session.lab.database, search);

const byName = ['projects by name'];

function nameOf(cursor: string): string {
  const [name] = decodeCursor(byName, cursor);
  if (typeof name === 'string') return name;
  throw wrongCursor();
}
