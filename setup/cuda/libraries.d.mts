export function findFolders(given: string[]): string[];
