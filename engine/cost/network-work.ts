/** What one image costs in each kind of step of a network, counted by tracing the steps themselves. */
import { Ascent } from '../attacks/ascent.ts';
import type { Batch } from '../data/batches.ts';
import { Predictor } from '../evaluation/predictor.ts';
import { type NetworkForm, networkOf } from '../models/form.ts';
import type { Input } from '../models/input.ts';
import { modulesOf } from '../models/modules.ts';
import { type Network, parametersOf } from '../models/network.ts';
import { advanceInputs } from '../rift/block-inputs.ts';
import { FrozenGradients } from '../training/frozen-gradients.ts';
import { TrainingGradients } from '../training/gradients.ts';
import { unwatched } from '../watch.ts';
import type { Weights } from '../weights/weights.ts';
import { CountingBackend, withoutValues } from './counting-backend.ts';

/** Work in multiply-adds of one image. */
export interface ModuleWork {
  name: string;
  /** A gradient of the module alone, from the activations in front of its block, and the loss from there. */
  gradient: number;
  loss: number;
  /** The gradient from the image on. */
  gradientFromImage: number;
}

export interface NetworkWork {
  forward: number;
  attackStep: number;
  trainingStep: number;
  /** In network order. */
  modules: ModuleWork[];
}

/** Images that are counted at once: what a call does besides them hardly counts. */
const counted = 8;

const attack = { epsilon: 8 / 255, stepSize: 2 / 255, steps: 1 };

function batchOf(shape: readonly number[]): Batch {
  const { images, labels } = withoutValues({
    images: { shape: [counted, ...shape], dtype: 'float32' },
    labels: { shape: [counted], dtype: 'int32' },
  });
  return { images: images as Batch['images'], labels: labels as Batch['labels'], count: counted };
}

async function count(work: (backend: CountingBackend) => Promise<unknown>): Promise<number> {
  const backend = new CountingBackend();
  await work(backend);
  // Others have their turn between two networks' steps.
  await new Promise(setImmediate);
  return backend.work / counted;
}

async function modulesWork(network: Network, weights: Weights, forward: number): Promise<ModuleWork[]> {
  const works: ModuleWork[] = [];
  let inputs = { block: 0, batches: [batchOf(network.inputShape)] as readonly Batch[] };
  for (const { name, block } of modulesOf(network)) {
    inputs = await advanceInputs(new CountingBackend(), network, weights, inputs, block, unwatched);
    const source = (backend: CountingBackend) => new FrozenGradients(backend, network, weights, { names: [`${name}.weight`], from: block });
    const gradient = await count((backend) => source(backend).gradientsOfSlices(inputs.batches, weights));
    const loss = await count((backend) => source(backend).loss(inputs.batches, weights));
    works.push({ name, gradient, loss, gradientFromImage: forward - loss + gradient });
  }
  return works;
}

async function measure(network: Network): Promise<NetworkWork> {
  const parameters = parametersOf(network);
  const weights = withoutValues(Object.fromEntries(parameters.map(({ name, shape }) => [name, { shape, dtype: 'float32' as const }])));
  const batch = batchOf(network.inputShape);
  const forward = await count((backend) => new Predictor(backend, network, weights).predict(batch.images, batch.labels));
  return {
    forward,
    attackStep: await count((backend) => new Ascent(backend, network, attack, weights).advance(batch, batch.images)),
    trainingStep: await count((backend) => new TrainingGradients(backend, network).gradients(batch, weights)),
    modules: await modulesWork(network, weights, forward),
  };
}

const known = new Map<string, Promise<NetworkWork>>();

/** Counted once for each form, image shape and number of classes. */
export function networkWork(form: NetworkForm, input: Input): Promise<NetworkWork> {
  const { architecture, architectureOptions, normalisation = input.normalisation } = form;
  const key = JSON.stringify([architecture, architectureOptions, input.shape, input.classes, normalisation]);
  const found = known.get(key) ?? measure(networkOf(form, input));
  known.set(key, found);
  found.catch(() => known.delete(key));
  return found;
}
