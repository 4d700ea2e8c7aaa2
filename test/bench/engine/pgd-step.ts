/** One PGD step in a process of its own, for memory.ts. Arguments: architecture, batch, threads, datasets folder. */
import { Ascent } from '../../../engine/attacks/ascent.ts';
import { type ArchitectureName, pgdConfig } from '../../../engine/config.ts';
import { batchOf, inOrder } from '../../../engine/data/batches.ts';
import { findDataset } from '../../../engine/data/catalogue.ts';
import { loadSplit } from '../../../engine/data/splits.ts';
import { chooseBackend } from '../../../engine/index.ts';
import { buildNetwork } from '../../../engine/models/architectures.ts';
import { initialWeights } from '../../../engine/weights/initial.ts';

const [architecture, batch, threads, datasets] = process.argv.slice(2) as [ArchitectureName, string, string, string];
const dataset = findDataset('cifar10');
const network = buildNetwork(architecture, {}, dataset);
const count = Number(batch);
const set = await loadSplit(dataset, datasets, { split: 'test', protocol: 'PAPER', trainedHere: true, images: count });
const images = batchOf(set, inOrder(count));
const backend = await chooseBackend({ threads: Number(threads) });
const pgd = new Ascent(backend, network, pgdConfig.parse({ randomStart: false }), initialWeights(network, 0));
await pgd.advance(images, images.images);
await pgd.dispose();
await backend.dispose();
