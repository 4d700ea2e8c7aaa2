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
  /** The value as a number. Metrics may be NaN; in texts, what is no number is null. */
  number: string;
  /** The value as it was written; null where the bag has numbers only. */
  text: string | null;
  /** Whether = and != take a bare number as one (0.0001 equals 1e-4), or as it is spelled (1.10 is not 1.1). */
  equatesNumbers: boolean;
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
    deleted: { sql: 'r."deletedAt"', type: 'time', always: false },
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
      number: 'b."last"',
      text: null,
      equatesNumbers: true,
    },
    params: {
      from: '"RunParam" b WHERE b."runId" = r."id" AND b."key" = $key',
      number: 'b."number"',
      text: 'b."value"',
      equatesNumbers: true,
    },
    tags: {
      from: '"RunTag" b WHERE b."runId" = r."id" AND b."key" = $key',
      number: 'b."number"',
      text: 'b."value"',
      equatesNumbers: false,
    },
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
