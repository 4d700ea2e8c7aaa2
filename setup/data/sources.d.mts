export interface Source {
  url: string;
  file: string;
  md5: string;
  folder: string;
  done: string;
}

export const sources: Record<string, Source>;
