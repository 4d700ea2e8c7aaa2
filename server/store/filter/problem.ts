/** An error in a filter or an order, shown with the line and a mark beneath the place. */
import { BadInputError } from '../../errors.ts';
import type { Place } from './expression.ts';

export function problem(text: string, place: Place, message: string): BadInputError {
  const offset = Math.min(place.offset, text.length);
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const lineEnd = text.indexOf('\n', offset);
  const line = text.slice(lineStart, lineEnd === -1 ? undefined : lineEnd);
  const row = text.slice(0, lineStart).split('\n').length;
  const column = offset - lineStart;
  const mark = ' '.repeat(column) + '^'.repeat(Math.max(1, Math.min(place.length, line.length - column)));
  return new BadInputError(`${message} (line ${row}, column ${column + 1})\n${line}\n${mark}`);
}
