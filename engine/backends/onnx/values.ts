/** Values and nodes of a graph. */

/** The runtime's operators on blocked values. */
export const blockedDomain = 'com.microsoft.nchwc';

export type ElementType = 'float32' | 'int32' | 'int64' | 'bool';

/** The result of a node, an input, a constant or a literal; compared by identity. */
export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: ElementType;
}

/** number: an integer, number[]: integers, { float }: a float. */
export type Attribute = number | number[] | { float: number } | string;
export type Attributes = Record<string, Attribute>;

export interface Node {
  operator: string;
  domain: string;
  inputs: Value[];
  outputs: Value[];
  attributes: Attributes;
}

/** Stands for an optional operand that is left out. */
export const absent: Value = { name: '', shape: [], type: 'float32' };
