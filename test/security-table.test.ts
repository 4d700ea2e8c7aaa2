/** The table of docs/security.md says which test shows each case; a test that was renamed or dropped would leave a claim without one. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const rows = readFileSync(join(root, 'docs/security.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| (?!case \|)/.test(line))
  .map((line) => ({ line, named: /\| `([^`]+)` `([^`]+)` \|$/.exec(line) }));

/** Titles of tests as they are written, placeholders included. */
const titlesOf = (file: string) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?:\bit|\)|>)\(\s*'((?:[^'\\\n]|\\.)+)'\s*,/g)].map(([, title]) => title);

describe('the table of hostile cases', () => {
  it('has at least sixty, each once', () => {
    const cases = rows.map(({ line }) => line.split(' | ')[0]);
    expect(cases.length).toBeGreaterThanOrEqual(60);
    expect(new Set(cases).size).toBe(cases.length);
  });

  it('names a test that exists for each', () => {
    const missing = rows.filter(({ named }) => {
      const [, file = '', title] = named ?? [];
      return !existsSync(join(root, file)) || !file.endsWith('.test.ts') || !titlesOf(file).includes(title as string);
    });
    expect(missing.map(({ line }) => line)).toEqual([]);
  });
});
