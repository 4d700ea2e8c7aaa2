/** The bundle of `npm run check:gpu` that other machines get. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../../gpu/pack.ts';
import type { Line } from '../../gpu/report.ts';
import { sharedFolder } from '../../helpers/datasets.ts';

const goldens = sharedFolder ? ['--goldens', join(sharedFolder, 'goldens')] : [];

/** Makes it in a folder of its own; what it answers to options, and what removes it. */
export async function bundledCheck() {
  const folder = mkdtempSync(join(tmpdir(), 'riftlab-check-'));
  const out = join(folder, 'table.json');
  await bundle(folder);
  return {
    check(...options: string[]) {
      const given = [join(folder, 'check.mjs'), '--out', out, ...goldens, ...options];
      const { status, stdout, stderr } = spawnSync(process.execPath, given, { encoding: 'utf8', cwd: tmpdir() });
      const lines = existsSync(out) ? (JSON.parse(readFileSync(out, 'utf8')).lines as Line[]) : [];
      return { status, said: stdout + stderr, lines };
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
