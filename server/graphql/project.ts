/** Projects. */

import { recordOf } from '../services/identity.ts';
import { countProjects, createProject, findProject, listProjects } from '../services/projects.ts';
import { countRuns, listRuns } from '../services/runs.ts';
import { builder } from './builder.ts';
import { connectionOf, pageArgs, pageComplexity } from './connection.ts';
import { Project } from './objects.ts';
import { RunConnection, runListArgs } from './run-list.ts';

builder.node(Project, {
  description: 'A name under which runs belong together.',
  id: { resolve: ({ id }) => id },
  loadOne: (id, { load }) => recordOf('Project', `Project-${id}`, load.project),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique in the lab.' }),
    description: t.exposeString('description', { description: 'What the project is about.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    runs: t.field({
      type: RunConnection,
      complexity: pageComplexity,
      description: 'Its runs, newest first unless orderBy says otherwise.',
      args: runListArgs,
      resolve: async ({ name }, args, session) => {
        const choice = { ...args, project: name };
        return { ...(await listRuns(session, choice)), count: () => countRuns(session, choice) };
      },
    }),
  }),
});

const ProjectConnection = connectionOf('Project', Project, 'projects', true);

builder.queryFields((t) => ({
  project: t.field({
    type: Project,
    nullable: true,
    description: 'A project by its name.',
    args: { name: t.arg.string({ required: true, description: 'Its exact name.' }) },
    resolve: (_root, { name }, session) => findProject(session, name),
  }),
  projects: t.field({
    type: ProjectConnection,
    complexity: pageComplexity,
    description: 'All projects, by name.',
    args: {
      search: t.arg.string({ description: 'Only those whose name contains this, in whatever case.' }),
      ...pageArgs,
    },
    resolve: async (_root, { search = null, first = null, after = null }, session) => ({
      ...(await listProjects(session, search, first, after)),
      count: () => countProjects(session, search),
    }),
  }),
}));

const CreateProjectInput = builder.inputType('CreateProjectInput', {
  description: 'A new project.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Unique in the lab: letters, digits, spaces, dots, hyphens and underscores.' }),
    description: t.string({ description: 'What the project is about.' }),
  }),
});

builder.mutationField('createProject', (t) =>
  t.field({
    type: Project,
    description: 'Makes a project.',
    args: { input: t.arg({ type: CreateProjectInput, required: true, description: 'The project.' }) },
    resolve: (_root, { input }, session) => createProject(session, input),
  }),
);
