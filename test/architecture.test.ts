/** Holds the house to its plan: data flows one way, nothing is cyclic, and only the store knows the database. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => /\.(ts|tsx|mts|mjs)$/.test(file) && existsSync(join(root, file)));
const sources = files.filter((file) => /^(engine|server|web|prisma)\//.test(file));

interface Import {
  from: string;
  to: string;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => ({ from: file, to: place(file, fileName) }));
}

/** A relative import as a path of the repository, or a package's name. */
function place(file: string, specifier: string): string {
  if (specifier.startsWith('@/')) return `web/${specifier.slice(2)}`;
  return specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier;
}

const imports = sources.flatMap(importsOf);

/** Where each room's files may import from, besides packages and their own room. */
const allowed: Record<string, string[]> = {
  engine: [],
  'server/store': ['engine', 'server/errors.ts', 'server/time.ts'],
  'server/tasks': ['engine', 'server/store', 'server/errors.ts', 'server/config.ts'],
  'server/queue': ['engine', 'server/tasks', 'server/store', 'server/errors.ts', 'server/config.ts'],
  'server/services': ['engine', 'server/queue', 'server/store', 'server/errors.ts', 'server/config.ts'],
  'server/graphql': ['engine', 'server/services', 'server/errors.ts', 'server/time.ts', 'setup/options.mjs'],
  'server/http': [
    'engine',
    'server/graphql',
    'server/services',
    'server/store',
    'server/errors.ts',
    'server/config.ts',
    'setup/options.mjs',
  ],
  prisma: ['engine', 'server'],
  web: [],
};

const roomOf = (path: string) => Object.keys(allowed).find((room) => path.startsWith(`${room}/`));
const isOurs = (path: string) => /^(engine|server|web|prisma|test|setup)\//.test(path);

describe('architecture', () => {
  it('reads a tree worth checking', () => {
    expect(sources.length).toBeGreaterThan(20);
    expect(imports.length).toBeGreaterThan(50);
  });

  it('has no arrow against the flow', () => {
    const against = imports.filter(({ from, to }) => {
      const room = roomOf(from);
      if (!room || !isOurs(to) || to.startsWith(`${room}/`)) return false;
      return !allowed[room]?.some((other) => to === other || to.startsWith(`${other}/`));
    });
    expect(against.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  it('keeps the database inside the store', () => {
    const database = /^(pg|@prisma\/.*)$|server\/store\/generated/;
    const outside = imports.filter(({ from, to }) => database.test(to) && !from.startsWith('server/store/'));
    expect(outside.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  it('keeps GraphQL, the queue and HTTP out of the engine', () => {
    const foreign = /^(graphql|@pothos|@apollo|pg-boss|express|next|react|urql|better-auth|node:http)/;
    expect(imports.filter(({ from, to }) => from.startsWith('engine/') && foreign.test(to))).toEqual([]);
  });

  it('has no cycle', () => {
    const targets = new Map<string, string[]>();
    for (const { from, to } of imports) if (isOurs(to)) targets.set(from, [...(targets.get(from) ?? []), to]);
    const cycles: string[] = [];
    const state = new Map<string, 'open' | 'closed'>();
    const visit = (file: string, path: string[]) => {
      if (state.get(file) === 'closed') return;
      if (state.get(file) === 'open') {
        cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
        return;
      }
      state.set(file, 'open');
      for (const next of targets.get(file) ?? []) visit(next, [...path, file]);
      state.set(file, 'closed');
    };
    for (const file of sources) visit(file, []);
    expect(cycles).toEqual([]);
  });

  it('has no room without a noun', () => {
    expect(files.filter((file) => !file.startsWith('test/') && /(^|\/)(utils?|helpers?|common|misc|shared)\//.test(file))).toEqual([]);
  });

  it('names a record in texts as its id does: Run-12', () => {
    const texts = sources.flatMap((file) =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .map((line) => ({ file, line })),
    );
    const other = /\b(runs?|checkpoint|study|evaluation|upload) \$\{\w*(id|ids|run|run\.id)\}/i;
    expect(texts.filter(({ line }) => other.test(line) && /Error|throw|super|message/.test(line))).toEqual([]);
  });

  it('keeps files readable in one sitting', () => {
    const long = sources
      .filter((file) => !file.includes('generated'))
      .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length }))
      .filter(({ lines }) => lines > 400);
    expect(long).toEqual([]);
  });
});
