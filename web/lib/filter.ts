/** The filter language of the lists: completion of field names, and what a search for a name means in it. */

/** A text as a filter on names; quotes inside it are doubled, as the language writes them. */
export const nameFilter = (text: string): string | null => (text.trim() ? `name ~ '${text.trim().replaceAll("'", "''")}'` : null);

interface Field {
  name: string;
  runs: number;
}

/** A name at the end of a text, as far as it is written; an odd key may have its opening quote only. */
const begunName = /[\p{L}_][\p{L}\p{M}\p{N}_]*(?:[./:-][\p{L}\p{M}\p{N}_]*)*(?:(?<=\.)(?:`(?:[^`]|``)*`?|"(?:[^"]|"")*"?))?$/u;

const quoted = /`(?:[^`]|``)*`(?!`)|'(?:[^']|'')*'(?!')|"(?:[^"]|"")*"(?!")/g;

/** The part of the text that completion replaces; empty after anything but a name, and inside a quoted text. */
function written(text: string): string {
  const isKey = (match: string, offset: number) => match[0] !== "'" && text[offset - 1] === '.';
  const outside = text.replace(quoted, (match, offset: number) => (isKey(match, offset) ? 'x' : ' ').repeat(match.length));
  const { length } = begunName.exec(outside)?.[0] ?? '';
  return /['"`]/.test(outside.slice(0, outside.length - length)) ? '' : text.slice(text.length - length);
}

const withoutQuotes = (name: string): string =>
  name.replace(/\.([`"])(.*?)\1?$/su, (_all, quote: string, key: string) => `.${key.replaceAll(quote + quote, quote)}`);

/** The name that is being written at the end of the text, without quotes; empty after anything else. */
export const lastName = (text: string): string => withoutQuotes(written(text));

const columns = ['state', 'kind', 'name', 'created', 'started', 'finished', 'deleted', 'project'];

const words = new Set(['and', 'or', 'not', 'in', 'like', 'ilike', 'is', 'null', 'nan']);

/** Whether a name may stand at the end of the text, before what is begun of one. */
const takesName = (before: string) => before.trim() === '' || /(\band|\bor|\bnot|\()\s*$/i.test(before);

export interface Completions {
  names: string[];
  /** How many more there are. */
  cut: number;
}

/** Names that continue what is being written, those that more runs have first; none inside a quoted text. */
export function completions(text: string, fields: readonly Field[], most = 8): Completions {
  const name = written(text);
  const begun = withoutQuotes(name).toLowerCase();
  const before = text.slice(0, text.length - name.length);
  if (!takesName(before) || (begun === '' && /['"`]$/.test(text)) || (words.has(begun) && before.trim() !== '')) {
    return { names: [], cut: 0 };
  }
  const byUse = [...fields].sort((a, b) => b.runs - a.runs).map((field) => field.name);
  const names = [...new Set([...columns, ...byUse])].map((full) => ({ full, bare: withoutQuotes(full).toLowerCase() }));
  const found = names.filter(({ bare }) => bare.includes(begun) && bare !== begun).map(({ full }) => full);
  return { names: found.slice(0, most), cut: Math.max(0, found.length - most) };
}

/** The text with the name at its end completed. */
export const completeWith = (text: string, name: string): string => `${text.slice(0, text.length - written(text).length)}${name} `;
