/**
 * A thread that owns sessions of onnxruntime, because a run blocks the thread that calls it. Plain JavaScript, so that
 * it starts without a loader. The messages are those of protocol.ts.
 */
import { parentPort } from 'node:worker_threads';
import ort from 'onnxruntime-node';

let stopped = false;

/** key -> { graph, threads, constants, session } */
const loaded = new Map();

async function sessionOf(entry) {
  if (entry.session) return entry.session;
  const model = new Uint8Array(entry.graph.length + entry.constants.length);
  model.set(entry.graph);
  model.set(entry.constants, entry.graph.length);
  entry.session = await ort.InferenceSession.create(model, {
    intraOpNumThreads: entry.threads,
    interOpNumThreads: 1,
    // Threads that wait sleep instead of spinning: on a machine with other work, spinning halves the speed.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    logSeverityLevel: 3,
  });
  return entry.session;
}

async function closeSession(entry) {
  await entry.session?.release();
  entry.session = undefined;
}

const toTensors = (inputs) =>
  Object.fromEntries(Object.entries(inputs).map(([name, { data, shape, dtype }]) => [`input/${name}`, new ort.Tensor(dtype, data, shape)]));

function toArrays(results) {
  const entries = Object.entries(results).map(([name, { data, dims, type }]) => [
    name.slice('output/'.length),
    { data, shape: [...dims], dtype: type },
  ]);
  return Object.fromEntries(entries);
}

async function run({ key, inputs, times, feed }) {
  const session = await sessionOf(loaded.get(key));
  let feeds = toTensors(inputs);
  let results = await session.run(feeds);
  for (let done = 1; done < times && !stopped; done += 1) {
    feeds = { ...feeds };
    for (const [output, input] of Object.entries(feed)) feeds[`input/${input}`] = results[`output/${output}`];
    results = await session.run(feeds);
  }
  return toArrays(results);
}

const handlers = {
  load({ key, graph, threads }) {
    loaded.set(key, { graph, threads, constants: new Uint8Array(0), session: undefined });
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
