/** The architectures of the registry in their own names, which are those of the official RiFT code. */
import { architectureNames, buildNetwork } from '../models/architectures.ts';
import type { Family } from './family.ts';

export const registered: Family = {
  candidates: (_tensors, input, { architecture }) =>
    architectureNames
      .filter((name) => architecture === undefined || architecture === name)
      .map((name) => ({ architecture: name, architectureOptions: {}, network: buildNetwork(name, input) })),
};
