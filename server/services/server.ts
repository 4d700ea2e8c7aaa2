/** Versions of what runs. */
import { postgresVersion } from '../store/server-version.ts';
import type { Session } from './session.ts';

export interface ServerDescription {
  version: string;
  postgres: string;
  embedded: boolean;
  retentionDays: number;
}

export const describeServer = async ({ lab }: Session): Promise<ServerDescription> => ({
  version: lab.version,
  postgres: await postgresVersion(lab.database),
  embedded: lab.embeddedPostgres,
  retentionDays: lab.retentionDays,
});
