/** Relay connections. */
import type { ObjectRef } from '@pothos/core';
import { defaultPage, longestPage } from '../services/page-size.ts';
import type { MissingKey, Page } from '../services/records.ts';
import { builder } from './builder.ts';

type Schema = typeof builder.$inferSchemaTypes;

export interface Connection<Item> extends Page<Item> {
  /** Counts all items of the list; asked only when a client wants it. */
  count?: () => Promise<number>;
  /** Names in the filter or the order that nothing has. */
  hints?: MissingKey[];
}

interface Edge<Item> {
  cursor: string;
  node: Item;
}

/** Arguments of a list that is read forward. */
export const pageArgs = builder.args((t) => ({
  first: t.int({ defaultValue: defaultPage, description: `Length of the page, at most ${longestPage}.` }),
  after: t.string({ description: 'Cursor that the page begins after.' }),
}));

/** Those of a list that is read backward too. */
export const bothWaysArgs = builder.args((t) => ({
  last: t.int({ description: `Length of a page that ends before a cursor, at most ${longestPage}; ${defaultPage} when absent.` }),
  before: t.string({ description: 'Cursor that the page ends before, in place of after.' }),
}));

/** The length of a page multiplies what is asked of each item. */
export const pageComplexity = ({ first, last, before }: { first?: number | null; last?: number | null; before?: string | null }) => ({
  field: 1,
  multiplier: Math.max((before == null ? first : last) ?? defaultPage, 1),
});

const once = { field: 1, multiplier: 1 };

/** Defines NameConnection and NameEdge. */
export function connectionOf<Item>(name: string, node: ObjectRef<Schema, Item>, plural: string, counted: boolean) {
  const edge = builder.objectRef<Edge<Item>>(`${name}Edge`).implement({
    description: `A place in a list of ${plural}.`,
    fields: (t) => ({
      node: t.field({ type: node, description: 'What is there.', resolve: (parent) => parent.node as never }),
      cursor: t.exposeString('cursor', { description: 'Pass it as after to go on from here.' }),
    }),
  });
  return builder.objectRef<Connection<Item>>(`${name}Connection`).implement({
    description: `A page of ${plural}.`,
    fields: (t) => ({
      edges: t.field({
        type: [edge],
        complexity: once,
        description: 'The items with their cursors.',
        resolve: ({ items, cursors }) => items.map((item, index) => ({ node: item, cursor: cursors[index] as string })) as never,
      }),
      nodes: t.field({ type: [node], complexity: once, description: 'The items alone.', resolve: ({ items }) => items as never }),
      pageInfo: t.field({
        type: builder.pageInfoRef(),
        description: 'Whether there is more.',
        resolve: ({ cursors, hasNextPage, hasPreviousPage }) => ({
          hasNextPage,
          hasPreviousPage,
          startCursor: cursors[0] ?? null,
          endCursor: cursors.at(-1) ?? null,
        }),
      }),
      ...(counted && {
        totalCount: t.int({ description: 'Items of the whole list.', resolve: (parent) => parent.count?.() ?? parent.items.length }),
      }),
    }),
  });
}
