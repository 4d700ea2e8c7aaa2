/** Vision transformers in our own names, and in timm's, which have `proj.`, `attn.` and `mlp.` inside them and end in `norm`. */
import type { Family, StateDictAbout } from '../family.ts';
import { candidateOf, countOf, shapeAt } from './candidate.ts';

const ownNames = (entry: string) => entry;
const timmNames = (entry: string) =>
  entry
    .replace(/^patch_embed\./, 'patch_embed.proj.')
    .replace(/^norm_out\./, 'norm.')
    .replace(/^(blocks\.\d+\.)(qkv|proj)\./, '$1attn.$2.')
    .replace(/^(blocks\.\d+\.)(fc[12])\./, '$1mlp.$2.');

const namesIn = (tensors: StateDictAbout) => (tensors.has('patch_embed.proj.weight') ? timmNames : ownNames);

export const transformers: Family = {
  candidates(tensors, input, wish) {
    const nameInFile = namesIn(tensors);
    const [dim = 0, , patch = 0] = shapeAt(tensors, nameInFile('patch_embed.weight'));
    const [width = 0] = shapeAt(tensors, nameInFile('blocks.0.fc1.weight'));
    const depth = countOf(tensors, (block) => nameInFile(`blocks.${block}.qkv.weight`));
    if (depth === 0 || dim === 0) return [];
    const isGiven = wish.architectureOptions?.heads !== undefined;
    return candidateOf(
      {
        architecture: 'VIT',
        architectureOptions: { patch, dim, depth, heads: 1, mlpRatio: width / dim },
        nameInFile,
        undecided: isGiven ? undefined : 'Names and shapes do not say how many heads the attention has: give heads.',
      },
      input,
      wish,
    );
  },
};
