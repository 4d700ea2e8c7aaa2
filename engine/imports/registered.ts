/** The architectures of the registry in their own names, with the options that the caller gives. */
import { architectureNames } from '../models/architectures.ts';
import type { Family } from './family.ts';
import { candidateOf } from './networks/candidate.ts';

export const registered: Family = {
  candidates: (_tensors, input, wish) =>
    architectureNames.flatMap((architecture) => candidateOf({ architecture, architectureOptions: {} }, input, wish)),
};
