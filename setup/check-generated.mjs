/** Fails when a generated file that is committed is not what `npm run generate` writes; leaves the tree as it was. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './steps.mjs';

const generated = [
  'server/graphql/schema.graphql',
  'web/queries/generated/schema.d.ts',
  'web/queries/generated/labels.json',
  'web/queries/generated/options.json',
].map((file) => join(root, file));

const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);
const before = generated.map(read);
const { status } = spawnSync('npm', ['run', '--silent', 'generate'], { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(1);

const stale = generated.filter((file, index) => read(file) !== before[index]);
for (const [index, file] of generated.entries()) {
  if (!stale.includes(file)) continue;
  if (before[index] === undefined) rmSync(file);
  else writeFileSync(file, before[index]);
  console.error(`${file} is stale: run "npm run generate" and commit it.`);
}
process.exit(stale.length > 0 ? 1 : 0);
