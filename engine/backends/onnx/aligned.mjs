/**
 * Room for kernels that begins at a cache line: the runtime's convolutions read kernels a sixth more slowly where their
 * vectors lie across two lines, and what JavaScript allocates begins anywhere.
 */
import ort from 'onnxruntime-node';

const cacheLine = 64;
const pageBytes = 65_536;

const arrayTypes = { float32: Float32Array, int32: Int32Array, int64: BigInt64Array, bool: Uint8Array };

const countOf = (dims) => dims.reduce((product, length) => product * length, 1);
const bytesOf = ({ type, dims }) => Math.ceil((arrayTypes[type].BYTES_PER_ELEMENT * countOf(dims)) / cacheLine) * cacheLine;

/** Memory of WebAssembly begins at a page; where a process may not reserve as much as it wants, any memory does. */
function allocate(bytes) {
  try {
    return new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / pageBytes)) }).buffer;
  } catch {
    return new ArrayBuffer(bytes);
  }
}

/**
 * Tensors without values that share one buffer, each beginning at a cache line.
 * @param specifications [{ name, type, dims }]
 */
export function roomFor(specifications) {
  const buffer = allocate(specifications.reduce((sum, specification) => sum + bytesOf(specification), 0));
  let offset = 0;
  const placed = specifications.map((specification) => {
    const { name, type, dims } = specification;
    const array = new arrayTypes[type](buffer, offset, countOf(dims));
    offset += bytesOf(specification);
    return [name, new ort.Tensor(type, array, dims)];
  });
  return Object.fromEntries(placed);
}
