import { useState } from 'react';

export interface Selection {
  has(id: string): boolean;
  toggle(id: string): void;
  /** Chooses all of these, or none when they are all chosen. */
  toggleAll(ids: readonly string[]): void;
  clear(): void;
}

/** The rows that are chosen. Another list begins without any. */
export function useSelection(list: string): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [of, setOf] = useState(list);
  if (of !== list) {
    setOf(list);
    setChosen(new Set());
  }
  return {
    has: (id) => chosen.has(id),
    toggle: (id) => setChosen((before) => (before.has(id) ? new Set([...before].filter((one) => one !== id)) : new Set([...before, id]))),
    toggleAll: (ids) => setChosen((before) => (ids.every((id) => before.has(id)) ? new Set() : new Set(ids))),
    clear: () => setChosen(new Set()),
  };
}
