export interface Option {
  name: string;
  kind: 'port' | 'count' | 'days' | 'megabytes' | 'text' | 'flag';
  /** Stands for the value in the help; flags have none. */
  value?: string;
  fallback?: string;
  /** The value of an option that is given without one. */
  implied?: string;
  help: string;
}

export interface OptionValues {
  port: number;
  host: string;
  public: boolean;
  names: string | undefined;
  publicUrl: string | undefined;
  trustProxy: string | undefined;
  data: string;
  datasets: string | undefined;
  demo: boolean;
  workers: number;
  retention: number;
  uploadLimit: number;
  device: string;
}

export const options: readonly Option[];
export const optionInText: string;
export class UsageError extends Error {}
export function parseOptions(argv: readonly string[], environment: Readonly<Record<string, string | undefined>>): OptionValues;
export function basePathOf(publicUrl: string | undefined): string;
export function helpText(): string;
