/** Prints the SQL of the next migration: what leads from a migrated database (DATABASE_URL) to prisma/schema.prisma. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { difference } from '../server/store/difference.ts';

const url = process.env.DATABASE_URL;
if (!url) throw new Error('Set DATABASE_URL to a database that has every migration.');
const schema = await readFile(join(import.meta.dirname, 'schema.prisma'), 'utf8');
process.stdout.write(await difference(url, schema));
