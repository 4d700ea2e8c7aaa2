/** The bytes of an array as NumPy writes them. type: with byte order, `|u1`, `<i8` ... */
export function npy(type: string, shape: readonly number[], values: Uint8Array): Uint8Array {
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sides}), }`;
  const header = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const start = Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Buffer.from([header.length & 255, header.length >> 8]),
    Buffer.from(header, 'latin1'),
  ]);
  return Buffer.concat([start, values]);
}
