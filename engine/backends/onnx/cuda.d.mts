export interface Gpu {
  index: number;
  name: string;
  memoryBytes: number;
  /** Version of the driver. */
  driver: string;
}

export interface MissingLibrary {
  file: string;
  part: string;
  /** What the system's loader said. */
  reason: string;
}

export const cudaLibraries: { file: string; part: string }[];
export const providerFiles: string[];
export function runtimeFolder(): string;
export function runtimeVersion(): string;
export function recordFile(folder?: string): string;
export function libraryFolders(file?: string): string[];
export function hasProvider(folder?: string): boolean;
export function loadCudaLibraries(folders?: string[]): MissingLibrary[];
export function listGpus(command?: string): Promise<{ gpus: Gpu[]; reason?: string }>;
