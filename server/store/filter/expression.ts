/** What a filter says, once read. Positions are offsets into its text. */

export interface Place {
  offset: number;
  length: number;
}

/** `name`, or `params.epsilon` with root params and key epsilon. */
export interface FieldName extends Place {
  root: string;
  key: string | null;
}

export interface Literal extends Place {
  /** As written; without its quotes where it has some. */
  text: string;
  /** What a bare word reads as a number, NaN and infinities included; null for any other word, and for all that is quoted. */
  number: number | null;
}

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** like and ilike know the wildcards % and _; contains finds a part, ignoring case. */
export type Match = 'like' | 'ilike' | 'contains';

export type Expression =
  | { kind: 'and'; parts: Expression[] }
  | { kind: 'or'; parts: Expression[] }
  | { kind: 'not'; part: Expression }
  | { kind: 'compare'; field: FieldName; operator: Comparison; value: Literal }
  | { kind: 'in'; field: FieldName; values: Literal[] }
  | { kind: 'match'; field: FieldName; match: Match; pattern: Literal }
  | { kind: 'absent'; field: FieldName }
  | { kind: 'nan'; field: FieldName };
