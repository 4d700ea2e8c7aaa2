/** Constants travel apart from the graph: a serialised model followed by this is a model with initialisers. */
import onnxProto from 'onnx-proto';
import type { HostArrays } from '../backend.ts';
import { elementTypeCode } from './encoding.ts';
import { constantName } from './graph.ts';
import { encodeTensors } from './initialisers.mjs';

const { onnx } = onnxProto;

/** Serialises constants under the names that a graph has for them: appended to the graph's bytes, they are its initialisers. */
export function encodeConstants(constants: HostArrays, needed: string[]): Uint8Array {
  const named = Object.entries(constants).map(
    ([name, { dtype, shape, data }]) => [constantName(name), { type: dtype, dims: shape, data }] as const,
  );
  return encodeTensors(onnx, Object.fromEntries(named.filter(([name]) => needed.includes(name))));
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
