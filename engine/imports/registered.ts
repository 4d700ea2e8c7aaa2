/** The architectures of the registry in their own names, with the options that the caller gives. */
import { architectureNames, buildNetwork } from '../models/architectures.ts';
import { OptionsError } from '../models/options-error.ts';
import type { Candidate, Family } from './family.ts';

export const registered: Family = {
  candidates: (_tensors, input, { architecture, architectureOptions = {} }) =>
    architectureNames
      .filter((name) => architecture === undefined || architecture === name)
      .flatMap((name): Candidate[] => {
        try {
          return [{ architecture: name, architectureOptions, network: buildNetwork(name, architectureOptions, input) }];
        } catch (error) {
          if (error instanceof OptionsError) return [];
          throw error;
        }
      }),
};
