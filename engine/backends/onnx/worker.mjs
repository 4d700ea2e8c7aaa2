/**
 * A thread that owns sessions of onnxruntime, because a run blocks the thread that calls it. Plain JavaScript, so that
 * it starts without a loader. The messages are those of protocol.ts.
 */
import { parentPort, workerData } from 'node:worker_threads';
import ort from 'onnxruntime-node';
import { roomFor } from './aligned.mjs';
import { encodeTensors } from './initialisers.mjs';

const { kind, index, profile } = workerData;

const providers = { cpu: ['cpu'], cuda: [{ name: 'cuda', deviceId: index }, 'cpu'], webgpu: ['webgpu', 'cpu'] };

/** Steps of a loop between which the thread looks whether it is to stop. */
const stepsAtOnce = 25;

let stopped = false;

/** Sessions opened so far. */
let opened = 0;

/** key -> { graph, preparation, built, threads, looped, constants, values, session, preparing, room } */
const loaded = new Map();

function profiling() {
  opened += 1;
  return profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: `${profile}-${opened}` };
}

async function sessionOf(entry) {
  if (entry.session) return entry.session;
  const model = new Uint8Array(entry.graph.length + entry.constants.length);
  model.set(entry.graph);
  model.set(entry.constants, entry.graph.length);
  entry.session = await ort.InferenceSession.create(model, {
    executionProviders: providers[kind],
    intraOpNumThreads: entry.threads,
    interOpNumThreads: 1,
    // On a CPU there is nothing left to optimise: it would only move transpositions about.
    graphOptimizationLevel: kind === 'cpu' ? 'disabled' : 'all',
    // Threads that wait spin only as long as they usually wait for each other within a run: on a machine with other work,
    // spinning without a limit halves the speed.
    extra: { session: { intra_op: { allow_spinning: entry.threads > 1 ? '1' : '0', spin_duration_us: '100' } } },
    logSeverityLevel: 3,
    ...profiling(),
  });
  return entry.session;
}

async function closeSession(entry) {
  if (profile !== undefined) entry.session?.endProfiling();
  await entry.session?.release();
  await entry.preparing?.release();
  entry.session = undefined;
  entry.preparing = undefined;
}

const chosen = (tensors, names) => Object.fromEntries(names.filter((name) => name in tensors).map((name) => [name, tensors[name]]));

const openPreparation = ({ preparation }) =>
  ort.InferenceSession.create(preparation, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'disabled',
    // It runs once in a long while: its memory goes back in between.
    enableCpuMemArena: false,
    logSeverityLevel: 3,
  });

/** Opens the session anew with these constants, and what is prepared of them, built in. */
async function build(entry, constants) {
  await closeSession(entry);
  const preparing = entry.preparation && (await openPreparation(entry));
  const prepared = preparing && (await preparing.run(chosen(constants, preparing.inputNames)));
  const { onnx } = (await import('onnx-proto')).default;
  entry.constants = encodeTensors(onnx, chosen({ ...constants, ...prepared }, entry.built));
  await preparing?.release();
  await sessionOf(entry);
  entry.constants = new Uint8Array(0);
}

/** What the graph takes of these constants: some as they are, others prepared. */
async function prepare(entry, constants) {
  const session = await sessionOf(entry);
  if (!entry.preparation) return chosen(constants, session.inputNames);
  entry.preparing ??= await openPreparation(entry);
  const direct = chosen(constants, session.inputNames);
  entry.room ??= roomFor([
    ...Object.entries(direct).map(([name, { type, dims }]) => ({ name, type, dims })),
    ...entry.preparing.outputMetadata.map(({ name, type, shape }) => ({ name, type, dims: shape })),
  ]);
  for (const [name, { data }] of Object.entries(direct)) entry.room[name].data.set(data);
  await entry.preparing.run(chosen(constants, entry.preparing.inputNames), chosen(entry.room, entry.preparing.outputNames));
  return entry.room;
}

const toTensors = (arrays, place) =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { data, shape, dtype }]) => [`${place}/${name}`, new ort.Tensor(dtype, data, shape)]),
  );

function toArrays(results) {
  const entries = Object.entries(results).map(([name, { data, dims, type }]) => [
    name.slice('output/'.length),
    { data, shape: [...dims], dtype: type },
  ]);
  return Object.fromEntries(entries);
}

async function run({ key, inputs, times, feed }) {
  const entry = loaded.get(key);
  const session = await sessionOf(entry);
  let feeds = { ...toTensors(inputs, 'input'), ...entry.values };
  for (let done = 0; ; ) {
    const count = entry.looped ? Math.min(times - done, stepsAtOnce) : 1;
    if (entry.looped) feeds.times = new ort.Tensor('int64', BigInt64Array.of(BigInt(count)), []);
    const results = await session.run(feeds);
    done += count;
    if (done >= times || stopped) return toArrays(results);
    feeds = { ...feeds };
    for (const [output, input] of Object.entries(feed)) feeds[`input/${input}`] = results[`output/${output}`];
  }
}

const handlers = {
  load({ key, graph, preparation, built = [], threads, looped = false }) {
    loaded.set(key, { graph, preparation, built, threads, looped, constants: new Uint8Array(0), values: {}, session: undefined });
  },
  async values({ key, values }) {
    const entry = loaded.get(key);
    const constants = toTensors(values, 'constant');
    if (entry.built.length > 0) await build(entry, constants);
    else entry.values = await prepare(entry, constants);
  },
  async reduce({ key }) {
    for (const [other, entry] of loaded) if (other !== key) await closeSession(entry);
  },
  async constants({ key, constants }) {
    const entry = loaded.get(key);
    entry.constants = constants;
    await closeSession(entry);
  },
  run,
  async release({ key }) {
    const entry = loaded.get(key);
    loaded.delete(key);
    if (entry) await closeSession(entry);
  },
};

async function answer({ id, ...request }) {
  try {
    const outputs = await handlers[request.kind](request);
    const buffers = new Set(Object.values(outputs ?? {}).map(({ data }) => data.buffer));
    parentPort.postMessage({ id, outputs }, [...buffers]);
  } catch (error) {
    parentPort.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

let last = Promise.resolve();
parentPort.on('message', (message) => {
  if (message.kind !== 'stop') {
    last = last.then(() => (stopped ? undefined : answer(message)));
    return;
  }
  stopped = true;
  last.then(() => process.exit());
});
