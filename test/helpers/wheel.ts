/** Small wheels for tests: zip files whose members are stored as they are, with the record that every wheel has. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

const numbers = (...fields: [bytes: 2 | 4, value: number][]) =>
  Buffer.concat(
    fields.map(([bytes, value]) => {
      const field = Buffer.alloc(bytes);
      field.writeUIntLE(value, 0, bytes);
      return field;
    }),
  );

/** A zip file of texts by name. */
function makeZip(members: Record<string, string>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let begin = 0;
  for (const [name, text] of Object.entries(members)) {
    const [path, content] = [Buffer.from(name), Buffer.from(text)];
    const sums = numbers([4, crc32(content)], [4, content.length], [4, content.length], [2, path.length], [2, 0]);
    const part = Buffer.concat([numbers([4, 0x04034b50], [2, 20], [2, 0], [2, 0], [4, 0]), sums, path, content]);
    const entry = numbers([4, 0x02014b50], [2, 20], [2, 20], [2, 0], [2, 0], [4, 0]);
    directory.push(Buffer.concat([entry, sums, numbers([2, 0], [2, 0], [2, 0], [4, 0], [4, begin]), path]));
    parts.push(part);
    begin += part.length;
  }
  const count = directory.length;
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = numbers([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, begin], [2, 0]);
  return Buffer.concat([...parts, ...directory, end]);
}

/**
 * A wheel of texts by name.
 * @param changed what some members hold instead, while the record says what they should
 */
export function makeWheel(members: Record<string, string>, changed: Record<string, string> = {}): Buffer {
  const sum = (text: string) => createHash('sha256').update(text).digest('base64url');
  const record = Object.entries(members).map(([name, text]) => `${name},sha256=${sum(text)},${text.length}`);
  return makeZip({ ...members, ...changed, 'small-1.0.dist-info/RECORD': `${record.join('\n')}\n` });
}
