/** A lab's own images: runs wait until they are prepared, and networks for them come in from elsewhere. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildNetwork } from '../../../engine/models/architectures.ts';
import { initialWeights } from '../../../engine/weights/initial.ts';
import { toOfficial } from '../../../engine/weights/state-dict.ts';
import { npy } from '../../engine/data/npy.ts';
import { waitUntil } from '../../helpers/runs.ts';
import { type Storages, Tensor, torchZip } from '../../helpers/torch-file.ts';
import { deflated, makeZip } from '../../helpers/zip.ts';
import { startLab, type TestLab } from './lab.ts';

let datasets: string;
let lab: TestLab;
beforeAll(async () => {
  datasets = await mkdtemp(join(tmpdir(), 'riftlab-own-api-'));
  lab = await startLab({ datasets });
  await lab.ask('mutation { createProject(input: { name: "own" }) { id } }');
});
afterAll(async () => {
  await lab?.close();
  await rm(datasets, { recursive: true, force: true });
});

/** Seven classes of 32 x 32 pixels, compressed. */
async function writeImages(name: string): Promise<void> {
  await mkdir(join(datasets, name));
  for (const [part, count] of [
    ['train', 30],
    ['test', 14],
  ] as const) {
    const images = npy('|u1', [count, 32, 32, 3], new Uint8Array(count * 3072).fill(9));
    const labels = npy(
      '|u1',
      [count],
      Uint8Array.from({ length: count }, (_, index) => index % 7),
    );
    await writeFile(join(datasets, name, `${part}.npz`), makeZip([deflated('images.npy', images), deflated('labels.npy', labels)]));
  }
}

const stateOf = async (name: string) => {
  const { data } = await lab.ask('{ datasets { name state hint classes } }');
  return data.datasets.find((dataset: { name: string }) => dataset.name === name);
};
const train = (dataset: string) =>
  lab.ask('mutation ($input: StartTrainingInput!) { startTraining(input: $input) { id } }', {
    input: { project: 'own', training: { architecture: 'RESNET8', dataset, epochs: 1, milestones: [] } },
  });

it('are refused with how far they are while they are prepared, and taken when they are ready', async () => {
  await writeImages('My-Seven');
  const { errors } = await train('my-seven');
  expect(errors[0]?.message).toMatch(/^My-Seven is being prepared\. Its arrays are unpacked once: \d of 1 MB so far\./);
  expect(errors[0]?.extensions.path).toEqual(['input', 'training', 'dataset']);
  await waitUntil(async () => (await stateOf('myseven')).state === 'READY');
  expect((await train('my-seven')).errors).toEqual([]);
});

it('are what a network from elsewhere is for, where it fits them', async () => {
  await waitUntil(async () => (await stateOf('myseven')).state === 'READY');
  const storages: Storages = {};
  const network = buildNetwork('RESNET8', {}, { shape: [32, 32, 3], classes: 7 });
  const entries = Object.entries(initialWeights(network, 1)).map(([name, array], index) => {
    const { shape, bytes } = toOfficial(array);
    storages[String(index)] = bytes;
    return [name, new Tensor({ storage: String(index), shape })] as const;
  });
  const body = torchZip(Object.fromEntries(entries), storages) as Uint8Array<ArrayBuffer>;
  const text = 'mutation ($input: ImportCheckpointInput!) { importCheckpoint(input: $input) { id dataset architecture url } }';
  const importBytes = async (content: Uint8Array<ArrayBuffer>, settings = {}) => {
    const headers = { authorization: `Bearer ${lab.member}` };
    const { upload } = await (await fetch(`${lab.address}/api/uploads`, { method: 'PUT', body: content, headers })).json();
    const { data, errors } = await lab.ask(text, { input: { upload, ...settings } }, lab.member);
    expect(errors).toEqual([]);
    return data.importCheckpoint;
  };
  const found = await importBytes(body);
  expect(found).toMatchObject({ dataset: 'myseven', architecture: 'RESNET8' });
  expect(await importBytes(body, { dataset: 'My-Seven' })).toEqual(found);
  const headers = { authorization: `Bearer ${lab.viewer}` };
  const own = new Uint8Array(await (await fetch(`${lab.address}${found.url}`, { headers })).arrayBuffer());
  expect(await importBytes(own)).toEqual(found);
  const { errors } = await lab.ask('mutation ($input: StartEvaluationInput!) { startEvaluation(input: $input) { id } }', {
    input: { project: 'own', checkpoint: found.id, evaluation: { images: 7 } },
  });
  expect(errors).toEqual([]);
});

it('of too few images to hold one out are refused by what chooses on held-out ones', async () => {
  for (const place of ['train/a', 'train/b', 'test/a', 'test/b']) {
    await mkdir(join(datasets, 'few', place), { recursive: true });
    await sharp(new Uint8Array(3072), { raw: { height: 32, width: 32, channels: 3 } }).toFile(join(datasets, 'few', place, '1.png'));
  }
  await waitUntil(async () => (await stateOf('few'))?.state === 'READY');
  expect((await train('few')).errors).toMatchObject([
    { message: 'few is too small: it has no held-out images.', extensions: { path: ['input', 'training', 'dataset'] } },
  ]);
});
