/** Values that are built into a graph. Plain JavaScript, for the threads. */

/**
 * Serialises tensors so that a model's bytes followed by these are the model with them as initialisers: protocol buffers merge a
 * message that appears twice.
 * @param onnx of onnx-proto, which a thread loads only where it builds
 * @param tensors { name: { type, dims, data } }
 */
export function encodeTensors(onnx, tensors) {
  const types = { float32: onnx.TensorProto.DataType.FLOAT, int32: onnx.TensorProto.DataType.INT32 };
  const initializer = Object.entries(tensors).map(([name, { type, dims, data }]) => ({
    name,
    dataType: types[type],
    dims: [...dims],
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  }));
  return onnx.ModelProto.encode({ graph: { initializer } }).finish();
}
