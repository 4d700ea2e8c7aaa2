import { createRequire } from 'node:module';
import { availableParallelism, cpus, totalmem } from 'node:os';
import type { EngineDevice } from '../backends/devices.ts';

const runtime: { version: string } = createRequire(import.meta.url)('onnxruntime-node/package.json');

/** The CPU with the runtime that ships inside: there on every machine. memoryBytes: what this process may use of it. */
export function cpuDevice(threads = availableParallelism()): EngineDevice {
  const model = cpus()[0]?.model.trim() || process.arch;
  return {
    backend: 'onnx',
    kind: 'cpu',
    index: 0,
    name: `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'} (${model})`,
    memoryBytes: Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem()),
    versions: `onnxruntime ${runtime.version}`,
  };
}
