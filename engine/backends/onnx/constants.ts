/** Constants travel apart from the graph: a serialised model followed by this is a model with initialisers. */
import onnxProto from 'onnx-proto';
import type { HostArray, HostArrays } from '../backend.ts';
import { constantName, elementTypeCode } from './graph.ts';

const { onnx } = onnxProto;

const bytesOf = ({ data }: HostArray) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/**
 * Serialises constants under the names that a graph has for them. Protocol buffers merge a message that appears twice,
 * so appending these bytes to the graph's adds them as its initialisers.
 */
export function encodeConstants(constants: HostArrays, needed: string[]): Uint8Array {
  const initializer = Object.entries(constants)
    .map(([name, array]) => ({
      name: constantName(name),
      dataType: elementTypeCode(array.dtype),
      dims: array.shape,
      rawData: bytesOf(array),
    }))
    .filter(({ name }) => needed.includes(name));
  return onnx.ModelProto.encode({ graph: { initializer } }).finish();
}

/** Declares constants as inputs of the graph instead, by bytes that are appended in the same way. */
export function declareConstants(constants: HostArrays, needed: string[]): Uint8Array {
  const input = Object.entries(constants)
    .map(([name, array]) => ({
      name: constantName(name),
      type: {
        tensorType: { elemType: elementTypeCode(array.dtype), shape: { dim: array.shape.map((dimValue) => ({ dimValue })) } },
      },
    }))
    .filter(({ name }) => needed.includes(name));
  return onnx.ModelProto.encode({ graph: { input } }).finish();
}
