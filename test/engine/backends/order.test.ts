import onnxProto from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../engine/backends/onnx/graph.ts';

const shape = [2, 3];

function operatorsOf(withSecond: boolean, apart: boolean): string[] {
  const graph = new Graph();
  const x = graph.input('x', shape, 'float32');
  const first = graph.node('Exp', [x], shape, 'float32');
  const value = graph.node('Tanh', [graph.after(graph.node('Erf', [x], shape, 'float32'), first)], shape, 'float32');
  const { bytes } = graph.encode(withSecond ? { value, first } : { value }, apart);
  return (onnxProto.onnx.ModelProto.decode(bytes).graph?.node ?? []).map(({ opType }) => opType ?? '').sort();
}

describe('a value that is to be made after another', () => {
  it('waits for its shape', () => expect(operatorsOf(true, true)).toEqual(['Erf', 'Exp', 'Reshape', 'Shape', 'Tanh']));
  it('does not make what nothing else needs', () => expect(operatorsOf(false, true)).toEqual(['Erf', 'Tanh']));
  it('does not wait in a graph for any device', () => expect(operatorsOf(true, false)).toEqual(['Erf', 'Exp', 'Tanh']));
});
