/** Development only: the SQL that leads from a database to prisma/schema.prisma, by Prisma's own engine. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum, type SqlQuery } from '@prisma/driver-adapter-utils';
import type { SchemaEngine } from '@prisma/schema-engine-wasm';
import pg from 'pg';

const require = createRequire(import.meta.url);

let loaded: Promise<typeof SchemaEngine> | undefined;

/** Its bindings hold views of one memory: it is loaded once. */
const schemaEngine = () => (loaded ??= loadSchemaEngine());

/** The package's own entry imports WebAssembly as a module, which Node does only behind a flag. */
async function loadSchemaEngine(): Promise<typeof SchemaEngine> {
  const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const entry = require.resolve('@prisma/schema-engine-wasm');
  const bytes = await readFile(entry.replace(/\.js$/, '_bg.wasm'));
  const module = await WebAssembly.compile(bytes);
  const instance = await WebAssembly.instantiate(module, { './schema_engine_bg.js': bindings as unknown as WebAssembly.ModuleImports });
  const internals = bindings as unknown as { __wbg_set_wasm(exports: WebAssembly.Exports): void };
  internals.__wbg_set_wasm(instance.exports);
  (instance.exports.__wbindgen_start as () => void)();
  return bindings.SchemaEngine;
}

/** Postgres' one-byte "char", which its catalogue returns, the engine needs, and the adapter takes only in arrays. */
const internalCharacter = 18;
const internalCharacterArray = 1002;

/** An adapter that reads catalogues: the pool calls a character an array of them, the adapter's answer calls it one again. */
class CataloguePg extends PrismaPg {
  constructor(pool: pg.Pool) {
    const query = pool.query.bind(pool) as (...values: unknown[]) => Promise<pg.QueryResult>;
    const asArrays = async (...values: unknown[]) => {
      const result = await query(...values);
      for (const field of result.fields) if (field.dataTypeID === internalCharacter) field.dataTypeID = internalCharacterArray;
      return result;
    };
    super(Object.assign(pool, { query: asArrays }));
  }

  override async connect() {
    const adapter = await super.connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (query: SqlQuery) => {
      const result = await queryRaw(query);
      const columnTypes = result.columnTypes.map((type) => (type === ColumnTypeEnum.CharacterArray ? ColumnTypeEnum.Character : type));
      return { ...result, columnTypes };
    };
    return adapter;
  }
}

/** The statements that would make the database at `url` equal to the Prisma schema; empty when they agree. */
export async function difference(url: string, schema: string): Promise<string> {
  const Engine = await schemaEngine();
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const adapter = bindMigrationAwareSqlAdapterFactory(new CataloguePg(pool));
  const engine = await Engine.new({ datamodels: [['schema.prisma', schema]] }, () => {}, adapter);
  try {
    const files = [{ path: 'schema.prisma', content: schema }];
    const result = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: '.' },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    });
    const script = result.stdout ?? '';
    return script.includes('This is an empty migration') ? '' : script;
  } finally {
    engine.free();
    await pool.end();
  }
}
