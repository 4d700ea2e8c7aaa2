/** Names that somebody may have meant. */

/** Insertions, deletions, replacements and swaps of neighbours that lead from one text to the other. */
function distance(one: string, other: string): number {
  let rows: [number[], number[]] = [[], Array.from({ length: other.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= one.length; i++) {
    const [before, above] = rows;
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const steps = [(row[j - 1] ?? 0) + 1, (above[j] ?? 0) + 1, (above[j - 1] ?? 0) + (same ? 0 : 1)];
      row.push(Math.min(...steps, ...(swapped ? [(before[j - 2] ?? 0) + 1] : [])));
    }
    rows = [above, row];
  }
  return rows[1][other.length] as number;
}

const longest = 100;

interface Likeness {
  name: string;
  /** Smaller is liker. */
  score: number;
  /** Whether it is a slip away. */
  isNear: boolean;
}

/** The likest first: compared without case, as a whole or by their last parts. */
function byLikeness(wanted: string, names: Iterable<string>): Likeness[] {
  const simple = (name: string) => name.slice(0, longest).toLowerCase();
  const lastPart = (name: string) => name.split(/[./:]/).at(-1) as string;
  const key = simple(wanted);
  const scored = [...new Set(names)].map((name) => {
    const other = simple(name);
    const [whole, end] = [distance(key, other), distance(lastPart(key), lastPart(other))];
    const score = Math.min(whole, end + 0.5);
    const allowed = Math.max(1, Math.floor((score === whole ? key.length : lastPart(key).length) * 0.4));
    return { name, score: score + Math.abs(other.length - key.length) / 1000, isNear: score <= allowed + 0.5 };
  });
  return scored.sort((one, other) => one.score - other.score || (one.name < other.name ? -1 : 1));
}

/** Those of the names that are a slip away from the wanted one, the likest first. */
export const nearest = (wanted: string, names: Iterable<string>, most = 3): string[] =>
  byLikeness(wanted, names)
    .filter(({ isNear }) => isNear)
    .slice(0, most)
    .map(({ name }) => name);

/** The names that are most like the wanted one, however far they are from it. */
export const likest = (wanted: string, names: Iterable<string>, most: number): string[] =>
  byLikeness(wanted, names)
    .slice(0, most)
    .map(({ name }) => name);
