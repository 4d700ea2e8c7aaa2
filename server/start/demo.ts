/** Queues the demonstration when the database is empty. */
import { createProject } from '../services/projects.ts';
import { type Lab, openSession } from '../services/session.ts';
import { startRift } from '../services/start/rift.ts';
import type { UserRecord } from '../store/records.ts';
import { demoProject, demoRun } from './demo-run.ts';

/** True when it was queued: there was no project and no run before. */
export async function queueDemo(lab: Lab, admin: UserRecord): Promise<boolean> {
  const { prisma } = lab.database;
  if ((await prisma.project.count({ take: 1 })) > 0 || (await prisma.run.count({ take: 1 })) > 0) return false;
  const session = openSession(lab, { user: admin, role: 'ADMIN', token: null, until: null }, '');
  await createProject(session, demoProject);
  await startRift(session, demoRun);
  return true;
}
