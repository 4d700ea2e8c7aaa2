/** Which network a state dict is of, by its names and shapes alone. */
import { datasets, findDataset } from '../data/catalogue.ts';
import type { Dataset } from '../data/dataset.ts';
import { parametersOf } from '../models/network.ts';
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
 * for every known one. Throws ImportRefusal with what was found beside what was expected.
 */
export function recognise(all: StateDictAbout, wish: Wish & { dataset?: string | undefined }): Recognised {
  const { tensors, normalisation } = withoutNormalisation(all);
  const inputs = wish.dataset === undefined ? Object.values(datasets) : [findDataset(wish.dataset)];
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
  const share = ({ candidate, named, fitting, differences }: Compared) =>
    (named + fitting) / (parametersOf(candidate.network).length + differences.length);
  const [nearest] = compared.toSorted((one, other) => share(other) - share(one));
  const what = architecture ?? 'any network that is known here';
  if (!nearest || nearest.named === 0)
    return new ImportRefusal(
      'architecture',
      `The weights are not those of ${what}. ${found(tensors)}`,
      'Name the architecture and its options.',
    );
  const { candidate, dataset, differences, fitting } = nearest;
  const listed = differences.slice(0, mostListed).join('; ');
  const more = differences.length > mostListed ? `; and ${differences.length - mostListed} more` : '';
  return new ImportRefusal(
    'architecture',
    `The weights are not those of ${what}. Nearest is ${candidate.architecture} for ${dataset.name}, with ${fitting} of ` +
      `${parametersOf(candidate.network).length} entries: ${listed}${more}.`,
    'Name architecture, options and dataset, or the place of other weights in the file.',
  );
}

function found(tensors: StateDictAbout): string {
  const listed = [...tensors].slice(0, mostListed).map(([name, { shape }]) => `${name} [${shape.join(', ')}]`);
  return `Found: ${listed.join(', ')}${tensors.size > mostListed ? ` and ${tensors.size - mostListed} more` : ''}.`;
}
