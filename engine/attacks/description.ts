/** Everything about an attack that changes its numbers, but the seed. Distances are in pixels of [0, 1]. */
export type AttackDescription = { name: string; norm?: string } & Record<string, string | number | boolean | undefined>;
