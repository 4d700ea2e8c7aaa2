/** What a check found, line by line, as a table and as JSON. */
export interface Line {
  section: string;
  name: string;
  state: 'ok' | 'failed' | 'skipped';
  /** What was found; for other states than ok, why. */
  text: string;
  figures?: Record<string, number | undefined>;
}

export const significant = (value: number) => (value === 0 ? '0' : value >= 100 ? value.toFixed(0) : value.toPrecision(3));

export function formatLine({ section, name, state, text }: Line): string {
  return `${state.padEnd(8)}${section.padEnd(13)}${name.padEnd(38)}${text}`;
}

export function formatTable(lines: readonly Line[]): string {
  const count = (state: Line['state']) => lines.filter((line) => line.state === state).length;
  return [
    '',
    `${'state'.padEnd(8)}${'part'.padEnd(13)}${'what'.padEnd(38)}found`,
    ...lines.map(formatLine),
    '',
    `${count('ok')} ok, ${count('failed')} failed, ${count('skipped')} skipped`,
  ].join('\n');
}
