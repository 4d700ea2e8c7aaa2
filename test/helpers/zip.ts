/** Zip files for tests: members are stored as they come, and every claim about them can be made wrong. */
import { crc32, deflateRawSync } from 'node:zlib';

const numbers = (...fields: [bytes: 2 | 4, value: number][]) =>
  Buffer.concat(
    fields.map(([bytes, value]) => {
      const field = Buffer.alloc(bytes);
      field.writeUIntLE(value, 0, bytes);
      return field;
    }),
  );

/** What the directory says of a member; the truth when absent. */
export interface ZipClaims {
  crc?: number;
  length?: number;
  /** Of what was packed, where the content is packed. */
  unpacked?: number;
  method?: number;
  flags?: number;
  /** Where its own header is. */
  header?: number;
}

/** A zip file of contents by name. */
export function makeZip(members: readonly (readonly [name: string, content: string | Uint8Array, claims?: ZipClaims])[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let begin = 0;
  for (const [name, given, claims = {}] of members) {
    const [path, content] = [Buffer.from(name), Buffer.from(given)];
    const { crc = crc32(content), length = content.length, unpacked = length, method = 0, flags = 0, header = begin } = claims;
    const head = numbers([2, 20], [2, flags], [2, method], [4, 0]);
    const sums = numbers([4, crc], [4, length], [4, unpacked], [2, path.length], [2, 0]);
    const part = Buffer.concat([numbers([4, 0x04034b50]), head, sums, path, content]);
    directory.push(
      Buffer.concat([numbers([4, 0x02014b50], [2, 20]), head, sums, numbers([2, 0], [2, 0], [2, 0], [4, 0], [4, header]), path]),
    );
    parts.push(part);
    begin += part.length;
  }
  const count = directory.length;
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = numbers([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, begin], [2, 0]);
  return Buffer.concat([...parts, ...directory, end]);
}

/** A member whose content is packed. */
export function deflated(name: string, content: string | Uint8Array, claims: ZipClaims = {}) {
  const bytes = Buffer.from(content);
  return [name, deflateRawSync(bytes), { method: 8, crc: crc32(bytes), unpacked: bytes.length, ...claims }] as const;
}
