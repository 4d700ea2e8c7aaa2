/** Completion of field names in the filter language of the lists. */

interface Field {
  name: string;
  runs: number;
}

/** The name that is being written at the end of the text; empty after anything else. */
const lastName = (text: string): string => /[A-Za-z_][\w.-]*$/.exec(text)?.[0] ?? '';

const columns = ['state', 'kind', 'name', 'created', 'started', 'finished', 'project'];

/** Names that continue what is being written, those that more runs have first; none inside a quoted text. */
export function completions(text: string, fields: readonly Field[], most = 8): string[] {
  const quoted = (text.match(/'/g)?.length ?? 0) % 2 === 1;
  const begun = lastName(text).toLowerCase();
  if (quoted || (begun === '' && text.trim() !== '' && !/(\band|\bor|\bnot|\()\s*$/i.test(text))) return [];
  const byUse = [...fields].sort((a, b) => b.runs - a.runs).map(({ name }) => name);
  const names = [...new Set([...columns, ...byUse])];
  return names.filter((name) => name.toLowerCase().includes(begun) && name.toLowerCase() !== begun).slice(0, most);
}

/** The text with the name at its end completed. */
export const completeWith = (text: string, name: string): string => `${text.slice(0, text.length - lastName(text).length)}${name} `;
