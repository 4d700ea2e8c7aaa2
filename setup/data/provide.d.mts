import type { Source } from './sources.mjs';

export function provide(
  source: Source,
  datasets: string,
  options: { mirror?: string; progress(bytes: number, total: number | undefined): void },
): Promise<boolean>;
