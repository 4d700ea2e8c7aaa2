import type onnxProto from 'onnx-proto';
import type { HostArray } from '../backend.ts';

export function encodeTensors(
  onnx: (typeof onnxProto)['onnx'],
  tensors: Record<string, { type: HostArray['dtype']; dims: readonly number[]; data: HostArray['data'] }>,
): Uint8Array;
