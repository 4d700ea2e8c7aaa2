/** Names of fields as the form shows them. */
import { type TypeTable, unwrap } from './types.ts';
import { labelOf } from './words.ts';

/** "Interpolation, Alphas": the labels on the way to a field. */
export function pathLabel(types: TypeTable, input: string, path: string): string {
  const labels: string[] = [];
  let owner = input;
  for (const name of path.split('.')) {
    const field = types.get(owner)?.inputFields?.find((candidate) => candidate.name === name);
    if (!types.get(owner)?.isOneOf || !field || unwrap(field.type).kind !== 'INPUT_OBJECT') labels.push(labelOf(owner, name));
    if (!field) break;
    owner = unwrap(field.type).name;
  }
  return labels.join(', ');
}

/** A server's objection as it stands at its field: without the path, which the place says already. */
export function atField(message: string): string {
  const text = message.replace(/^input[\w.[\]]*: /, '').replace('. (got', ' (got');
  const whole = /[.!?]$/.test(text) ? text : `${text}.`;
  return whole.charAt(0).toUpperCase() + whole.slice(1);
}
