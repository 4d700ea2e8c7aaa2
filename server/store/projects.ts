/** Projects, listed by name. */
import type { Database, Transaction } from './database.ts';
import type { Prisma } from './generated/client.ts';
import type { Page, ProjectRecord } from './records.ts';

export const findProject = ({ prisma }: Database, name: string) => prisma.project.findUnique({ where: { name } });

/** Undefined where the name is taken, also by somebody who takes it at this moment. */
export async function createProject(transaction: Transaction, project: { name: string; description: string }) {
  const [created] = await transaction.project.createManyAndReturn({ data: [project], skipDuplicates: true });
  return created;
}

const matching = (search: string | null): Prisma.ProjectWhereInput =>
  search === null ? {} : { name: { contains: literally(search.normalize()), mode: 'insensitive' } };

/** Prisma leaves the wildcards of LIKE in a text what they are. */
const literally = (text: string) => text.replace(/[\\%_]/g, '\\$&');

/** Projects after the one of this name. */
export async function listProjects(
  { prisma }: Database,
  search: string | null,
  first: number,
  after: string | null,
): Promise<Page<ProjectRecord>> {
  const rows = await prisma.project.findMany({
    where: { AND: [matching(search), after === null ? {} : { name: { gt: after } }] },
    orderBy: { name: 'asc' },
    take: first + 1,
  });
  const items = rows.slice(0, first);
  return { items, cursors: items.map(({ name }) => name), hasNextPage: rows.length > first, hasPreviousPage: after !== null };
}

export const countProjects = ({ prisma }: Database, search: string | null) => prisma.project.count({ where: matching(search) });
