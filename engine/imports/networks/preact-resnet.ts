/** Pre-activation ResNets in the names of the usual PyTorch code and of DeepMind's. */
import type { Family } from '../family.ts';
import { candidateOf } from './candidate.ts';

const rawShortcut = 'shortcuts that take in what their block does, as in the published files without a last batch normalisation';

export const preactResnets: Family = {
  candidates(tensors, input, wish) {
    if (tensors.has('conv_2d.weight')) {
      const architectureOptions = { layout: 'DEEPMIND', activation: 'silu' };
      const assumed = ['activation silu, as in the published files with these names'];
      return candidateOf({ architecture: 'PREACT_RESNET18', architectureOptions, assumed }, input, wish);
    }
    if (!tensors.has('layer1.0.bn1.weight') || tensors.has('bn1.weight')) return [];
    const finalNormalisation = tensors.has('bn.weight');
    const withHead = (entry: string) => (tensors.has('linear.weight') ? entry : entry.replace(/^linear\./, 'fc.'));
    const shortcutOf = finalNormalisation ? 'ACTIVATED' : 'RAW';
    const assumed = finalNormalisation ? [] : [rawShortcut];
    return candidateOf(
      {
        architecture: 'PREACT_RESNET18',
        architectureOptions: { layout: 'PYTORCH', finalNormalisation, shortcutOf },
        ...{ nameInFile: withHead, assumed },
      },
      input,
      wish,
    );
  },
};
