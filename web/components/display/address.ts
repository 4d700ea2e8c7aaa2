'use client';
import { useSearchParams } from 'next/navigation';

interface Change {
  /** By name; null takes a name out. */
  values: Record<string, string | null>;
  /** Changes the place that Back leads from, instead of adding one: for what is typed or dragged. */
  replace?: boolean;
}

/** What a page shows, kept in its address: Back, a reload and a link to a colleague restore it. */
export function useAddress() {
  const values = useSearchParams();
  return {
    read: (name: string): string | null => values.get(name),
    write({ values: changes, replace = false }: Change) {
      const next = new URLSearchParams(window.location.search);
      for (const [name, value] of Object.entries(changes)) {
        if (value) next.set(name, value);
        else next.delete(name);
      }
      const text = next.toString();
      const address = window.location.pathname + (text && `?${text}`);
      window.history[replace ? 'replaceState' : 'pushState'](null, '', address);
    },
  };
}
