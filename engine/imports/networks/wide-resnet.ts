/** Wide ResNets in the names of TRADES' code (with or without its unused `sub_block1`) and of DeepMind's. */
import type { Family } from '../family.ts';
import { candidateOf, countOf, shapeAt } from './candidate.ts';

const layouts = [
  { layout: 'TRADES', first: (block: number) => `block1.layer.${block}.conv1.weight`, activation: 'relu' },
  { layout: 'DEEPMIND', first: (block: number) => `layer.0.block.${block}.conv_0.weight`, activation: 'silu' },
] as const;

export const wideResnets: Family = {
  candidates: (tensors, input, wish) =>
    layouts.flatMap(({ layout, first, activation }) => {
      const blocks = countOf(tensors, first);
      const [filters = 0] = shapeAt(tensors, first(0));
      if (blocks === 0 || filters % 16 !== 0) return [];
      const architectureOptions = { depth: 6 * blocks + 4, widenFactor: filters / 16, layout, activation };
      const assumed = layout === 'DEEPMIND' ? ['activation silu, as in the published files with these names'] : [];
      return candidateOf({ architecture: 'WIDE_RESNET', architectureOptions, assumed }, input, wish);
    }),
};
