/** Small wheels for tests: zip files whose members are stored as they are, with the record that every wheel has. */
import { createHash } from 'node:crypto';
import { makeZip } from './zip.ts';

/**
 * A wheel of texts by name.
 * @param changed what some members hold instead, while the record says what they should
 */
export function makeWheel(members: Record<string, string>, changed: Record<string, string> = {}): Buffer {
  const sum = (text: string) => createHash('sha256').update(text).digest('base64url');
  const record = Object.entries(members).map(([name, text]) => `${name},sha256=${sum(text)},${text.length}`);
  return makeZip(Object.entries({ ...members, ...changed, 'small-1.0.dist-info/RECORD': `${record.join('\n')}\n` }));
}
