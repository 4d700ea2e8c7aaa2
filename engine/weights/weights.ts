/** Weights are values: PyTorch's names, tensors in the engine's layout (convolutions HWIO, linear in x out). */
import type { HostArray } from '../backends/backend.ts';

export type Weights = Readonly<Record<string, HostArray>>;
