/**
 * Room for kernels that begins at a cache line: the runtime's convolutions read kernels a sixth more slowly where their
 * vectors lie across two lines, and what JavaScript allocates begins anywhere.
 */
const cacheLine = 64;
const pageBytes = 65_536;

const roundedUp = (bytes) => Math.ceil(bytes / cacheLine) * cacheLine;

/** Memory of WebAssembly begins at a page; where a process may not reserve as much as it wants, any memory does. */
function allocate(bytes) {
  try {
    return new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / pageBytes)) }).buffer;
  } catch {
    return new ArrayBuffer(bytes);
  }
}

/**
 * Copies arrays into one buffer, each to the beginning of a cache line.
 * @param arrays name -> typed array
 * @param before the buffer of arrays that this replaces, which is used again where it is large enough
 */
export function align(arrays, before) {
  const bytes = Object.values(arrays).reduce((sum, { byteLength }) => sum + roundedUp(byteLength), 0);
  const buffer = before && before.byteLength >= bytes ? before : allocate(bytes);
  let offset = 0;
  const placed = Object.entries(arrays).map(([name, array]) => {
    const copy = new array.constructor(buffer, offset, array.length);
    copy.set(array);
    offset += roundedUp(array.byteLength);
    return [name, copy];
  });
  return { buffer, arrays: Object.fromEntries(placed) };
}
