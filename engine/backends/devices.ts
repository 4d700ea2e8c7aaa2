/** The devices of this machine that the engine can compute on, as the backends find them. */

/** Something to compute on. Being listed says that its libraries are there, not yet that it computes right. */
export interface EngineDevice {
  backend: 'onnx' | 'tensorflow' | 'cpu';
  kind: 'cpu' | 'cuda' | 'webgpu';
  /** Which of the GPUs of this kind, from 0; 0 for a CPU. */
  index: number;
  /** Its model, as the machine names it. */
  name: string;
  /** Memory that it can use. */
  memoryBytes: number;
  /** What runs it, as "onnxruntime 1.30.0, CUDA 13.0, driver 580.65": when this changes, what was measured counts no more. */
  versions?: string;
}

/** A backend or kind of device that is not there. */
export interface MissingDevice {
  backend: string;
  kind: string;
  /** What is missing, for the person. */
  reason: string;
  /** What to do about it. */
  hint: string;
}

/**
 * What one backend offers here. A probe looks without computing, takes at most seconds and never throws: what goes wrong is a
 * reason in missing.
 */
export interface Probe {
  devices: EngineDevice[];
  missing: MissingDevice[];
}

/** How a person names a device: cpu, cuda:0, webgpu:0; with TensorFlow, tensorflow:0 is a GPU and tensorflow:cpu the CPU. */
export function labelOf({ backend, kind, index }: Pick<EngineDevice, 'backend' | 'kind' | 'index'>): string {
  if (backend === 'onnx') return kind === 'cpu' ? 'cpu' : `${kind}:${index}`;
  if (backend === 'tensorflow') return kind === 'cpu' ? 'tensorflow:cpu' : `tensorflow:${index}`;
  return 'plain';
}
