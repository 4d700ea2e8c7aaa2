export interface Gpu {
  /** CUDA's number. */
  index: number;
  name: string;
  memoryBytes: number;
  /** Version of the driver. */
  driver: string;
  uuid?: string;
}

export interface CudaLibrary {
  file: string;
  part: string;
  /** Where pip has it; undefined for the driver. */
  package?: string;
}

export interface MissingLibrary extends CudaLibrary {
  /** What the system's loader said. */
  reason: string;
}

export const cudaLibraries: CudaLibrary[];
export const providerFiles: string[];
export function runtimeFolder(): string;
export function runtimeVersion(): string;
export function recordFile(folder?: string): string;
export function libraryFolders(file?: string): string[];
export function hasProvider(folder?: string): boolean;
export function loadCudaLibraries(folders?: string[]): MissingLibrary[];
export function listGpus(command?: string): Promise<{ gpus: Gpu[]; reason?: string }>;
export function usedGpuMemory(index: number, command?: string): Promise<number | undefined>;
