/** The official binary files of CIFAR: records of label bytes and 3,072 pixels (channel, row, column). */
import type { Part, Records } from './dataset.ts';
import { checkLabel, type DataFile, readWhole } from './files.ts';
import { interleave, pixelsInMemory } from './pixels.ts';

export const cifarShape = [32, 32, 3] as const;
const imageBytes = 32 * 32 * 3;

export interface CifarForm {
  /** Label bytes of a record, of which the last is the one that counts. */
  labelBytes: number;
  classes: number;
}

export const recordBytes = ({ labelBytes }: CifarForm) => labelBytes + imageBytes;

/** The records at these positions of a part, which lies in these files one after the other. Throws DataError where one is not right. */
export async function readCifar(
  files: readonly DataFile[],
  part: Part,
  positions: Int32Array,
  form: CifarForm,
  hint: string,
): Promise<Records> {
  const record = recordBytes(form);
  const pixels = new Uint8Array(positions.length * imageBytes);
  const labels = new Int32Array(positions.length);
  let first = 0;
  for (const { path, bytes: size } of files.filter((file) => file.part === part)) {
    const records = size / record;
    const wanted = [...positions.entries()].filter(([, position]) => position >= first && position < first + records);
    const bytes = wanted.length > 0 ? await readWhole(path, size, hint) : undefined;
    const labelAt = (start: number) => start + form.labelBytes - 1;
    for (let start = 0; bytes && start < size; start += record)
      checkLabel(path, labelAt(start), bytes[labelAt(start)] as number, form.classes, hint);
    for (const [index, position] of bytes ? wanted : []) {
      const start = (position - first) * record;
      labels[index] = (bytes as Buffer)[labelAt(start)] as number;
      interleave((bytes as Buffer).subarray(start + form.labelBytes, start + record), 3, pixels, index * imageBytes);
    }
    first += records;
  }
  return { pixels: pixelsInMemory(pixels, imageBytes), labels };
}
