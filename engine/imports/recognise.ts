/** Which network a state dict is of, by its names and shapes alone. */
import { findDataset, knownDatasets } from '../data/catalogue.ts';
import type { Dataset } from '../data/dataset.ts';
import { parametersOf } from '../models/network.ts';
import { officialShape } from '../weights/state-dict.ts';
import { withoutCopies } from './copies.ts';
import { families } from './families.ts';
import type { Candidate, StateDictAbout, Wish } from './family.ts';
import { type Fit, fitOf } from './fit.ts';
import { type NormalisationEntries, withoutNormalisation } from './normalisation.ts';
import { ImportRefusal } from './refusal.ts';
import { viewsOf } from './state-dict.ts';

export interface Recognised extends Candidate {
  /** Names in the file of the mean and the standard deviation that its network normalises pixels with, where it has them. */
  normalisation: NormalisationEntries | undefined;
  dataset: Dataset;
  /** Where else the network would fit, by name. */
  otherDatasets: string[];
  /** Name in the file of every entry of the network, in the network's order. */
  sources: ReadonlyMap<string, string>;
}

interface Compared extends Fit {
  dataset: Dataset;
  prefix: string;
}

const mostListed = 6;

/**
 * Finds the network that the state dict fits entry by entry, among those of all families for the dataset that is named, or
 * for every published one. Throws ImportRefusal with what was found beside what was expected.
 */
export function recognise(all: StateDictAbout, wish: Wish & { dataset?: string | undefined }): Recognised {
  const { tensors, normalisation } = withoutNormalisation(withoutCopies(all));
  const inputs = wish.dataset === undefined ? knownDatasets() : [findDataset(wish.dataset)];
  const compared = viewsOf(tensors).flatMap(({ prefix, tensors: view }) =>
    inputs.flatMap((dataset) =>
      families
        .flatMap((family) => family.candidates(view, dataset, wish))
        .map((candidate): Compared => ({ ...fitOf(candidate, view), dataset, prefix })),
    ),
  );
  const fits = compared.filter(({ differences }) => differences.length === 0);
  const [best] = fits;
  if (!best) throw refusal(compared, tensors, wish);
  const { candidate, dataset, prefix, sources } = best;
  if (candidate.undecided !== undefined) throw new ImportRefusal('architectureOptions', candidate.undecided);
  const inFile = (name: string) => (tensors.has(prefix + name) ? prefix + name : name);
  return {
    ...candidate,
    normalisation,
    dataset,
    otherDatasets: [...new Set(fits.map((fit) => fit.dataset.name))].filter((name) => name !== dataset.name),
    sources: new Map([...sources].map(([entry, name]) => [entry, inFile(name)])),
  };
}

function refusal(compared: readonly Compared[], tensors: StateDictAbout, { architecture }: Wish): ImportRefusal {
  const share = ({ candidate, named, alike, differences }: Compared) =>
    (named + alike) / (parametersOf(candidate.network).length + differences.length);
  const [nearest] = compared.toSorted((one, other) => share(other) - share(one));
  const what = architecture ?? 'any network that is known here';
  const hint = architecture ? 'Leave the architecture out to see which network it is.' : 'Name the architecture and its options.';
  if (!nearest) return new ImportRefusal('architecture', `The weights are not those of ${what}. ${listed('Found', tensors)}`, hint);
  if (nearest.named === 0) {
    const entries = parametersOf(nearest.candidate.network).map(({ name, shape }) => [name, { shape: officialShape(shape) }] as const);
    const beside = architecture ? ` ${listed('Expected', new Map(entries))}` : '';
    return new ImportRefusal('architecture', `The weights are not those of ${what}. ${listed('Found', tensors)}${beside}`, hint);
  }
  const { candidate, dataset, differences, fitting } = nearest;
  const first = differences.slice(0, mostListed).join('; ');
  const more = differences.length > mostListed ? `; and ${differences.length - mostListed} more` : '';
  return new ImportRefusal(
    'architecture',
    `The weights are not those of ${what}. Nearest is ${candidate.architecture} for ${dataset.name}, with ${fitting} of ` +
      `${parametersOf(candidate.network).length} entries: ${first}${more}.`,
    hint,
  );
}

function listed(what: string, tensors: ReadonlyMap<string, { shape: readonly number[] }>): string {
  const first = [...tensors].slice(0, mostListed).map(([name, { shape }]) => `${name} [${shape.join(', ')}]`);
  return `${what}: ${first.join(', ')}${tensors.size > mostListed ? ` and ${tensors.size - mostListed} more` : ''}.`;
}
