/** The fields that filters and orders of a list can name. All SQL of the language stands here and in compile.ts. */

export type FieldType = 'text' | 'time' | 'choice';

/** A column of the listed table, whose alias in SQL is `r`. */
export interface Column {
  sql: string;
  type: FieldType;
  /** False for a column that can be null. */
  always: boolean;
  /** The values of a choice. */
  choices?: readonly string[];
}

/** A table of key and value beside the listed one: metrics, params or tags. `$key` stands for the key's parameter. */
export interface Bag {
  from: string;
  /** Numbers compare with this; null where the bag has none. */
  number: string | null;
  /** Strings compare with this; null where the bag has none. */
  text: string | null;
}

export interface Vocabulary {
  columns: Record<string, Column>;
  bags: Record<string, Bag>;
}

const runStates = ['QUEUED', 'RUNNING', 'FINISHED', 'FAILED', 'CANCELLED'];
const runKinds = ['TRAINING', 'RIFT', 'CRITICALITY', 'FINE_TUNE', 'INTERPOLATION', 'EVALUATION', 'EXTERNAL'];

export const runVocabulary: Vocabulary = {
  columns: {
    created: { sql: 'r."createdAt"', type: 'time', always: true },
    started: { sql: 'r."startedAt"', type: 'time', always: false },
    finished: { sql: 'r."finishedAt"', type: 'time', always: false },
    name: { sql: 'r."name"', type: 'text', always: true },
    state: { sql: 'r."state"', type: 'choice', always: true, choices: runStates },
    kind: { sql: 'r."kind"', type: 'choice', always: true, choices: runKinds },
    project: {
      sql: '(SELECT pr."name" FROM "Project" pr WHERE pr."id" = r."projectId")',
      type: 'text',
      always: true,
    },
  },
  bags: {
    metrics: {
      from: '"MetricSummary" b JOIN "MetricKey" k ON k."id" = b."keyId" WHERE b."runId" = r."id" AND k."name" = $key',
      number: `nullif(b."last", 'NaN')`,
      text: null,
    },
    params: {
      from: '"RunParam" b WHERE b."runId" = r."id" AND b."key" = $key',
      number: 'b."number"',
      text: 'b."value"',
    },
    tags: { from: '"RunTag" b WHERE b."runId" = r."id" AND b."key" = $key', number: null, text: 'b."value"' },
  },
};

export const checkpointVocabulary: Vocabulary = {
  columns: {
    created: { sql: 'r."createdAt"', type: 'time', always: true },
    name: { sql: 'r."name"', type: 'text', always: true },
    architecture: { sql: 'r."architecture"', type: 'text', always: true },
    dataset: { sql: 'r."dataset"', type: 'text', always: false },
    variant: { sql: 'r."variant"', type: 'text', always: false },
  },
  bags: {},
};
