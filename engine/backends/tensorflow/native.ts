/** The native library: handles of tensors on the device, and operations on them. */
import type { HostArray } from '../backend.ts';
import type { Attribute, Attributes, ElementType, Literal } from './program.ts';

type TypedArray = Float32Array | Int32Array | Uint8Array;

interface NativeAttribute {
  name: string;
  type: number;
  value: unknown;
}

/** What @tensorflow/tfjs-node-gpu's native module exports, as far as it is used here. */
export interface Binding {
  TF_Version: string;
  createTensor(shape: readonly number[], type: number, data: TypedArray): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): TypedArray;
  executeOp(operator: string, attributes: NativeAttribute[], inputs: number[], outputs: number): { id: number }[];
  isUsingGpuDevice(): boolean;
  getNumOfTensors(): number;
}

/** TensorFlow's numbers for types (TF_DataType) and for kinds of attributes (TF_AttrType). */
const typeCodes: Record<ElementType, number> = { float32: 1, int32: 3, bool: 10 };
const kindCodes = { text: 0, int: 1, float: 2, bool: 3, type: 4 };

function nativeAttribute(name: string, attribute: Attribute): NativeAttribute {
  if ('type' in attribute) return { name, type: kindCodes.type, value: typeCodes[attribute.type] };
  if ('int' in attribute) return { name, type: kindCodes.int, value: attribute.int };
  if ('float' in attribute) return { name, type: kindCodes.float, value: attribute.float };
  if ('bool' in attribute) return { name, type: kindCodes.bool, value: attribute.bool };
  return { name, type: kindCodes.text, value: attribute.text };
}

/** The attributes as the binding takes them. */
export const nativeAttributes = (attributes: Attributes): NativeAttribute[] =>
  Object.entries(attributes).map(([name, attribute]) => nativeAttribute(name, attribute));

/** A copy of an array on the device. */
export function upload(binding: Binding, { data, shape, dtype }: HostArray): number {
  return binding.createTensor(shape, typeCodes[dtype], data.slice());
}

export function uploadLiteral(binding: Binding, { data, value }: Literal): number {
  return binding.createTensor(value.shape, typeCodes[value.type], data);
}

/** The values of a tensor, once they are computed; truth values come as 0 and 1. */
export function download(binding: Binding, id: number, shape: readonly number[]): HostArray {
  const data = binding.tensorDataSync(id);
  if (data instanceof Float32Array) return { shape: [...shape], dtype: 'float32', data };
  return { shape: [...shape], dtype: 'int32', data: data instanceof Int32Array ? data : Int32Array.from(data) };
}
