/** Vision transformers in our own names, which files of older versions or other programs may have without metadata. */
import type { Family } from '../family.ts';
import { candidateOf, countOf, shapeAt } from './candidate.ts';

export const transformers: Family = {
  candidates(tensors, input, wish) {
    const [dim = 0, , patch = 0] = shapeAt(tensors, 'patch_embed.weight');
    const [width = 0] = shapeAt(tensors, 'blocks.0.fc1.weight');
    const depth = countOf(tensors, (block) => `blocks.${block}.qkv.weight`);
    if (depth === 0 || dim === 0) return [];
    const isGiven = wish.architectureOptions?.heads !== undefined;
    return candidateOf(
      {
        architecture: 'VIT',
        architectureOptions: { patch, dim, depth, heads: 1, mlpRatio: width / dim },
        undecided: isGiven ? undefined : 'Names and shapes do not say how many heads the attention has: give heads.',
      },
      input,
      wish,
    );
  },
};
