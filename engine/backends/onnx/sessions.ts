import type { HostArrays } from '../backend.ts';
import { findBlockSize } from './block-size.ts';
import { declareConstants, encodeConstants } from './constants.ts';
import { constantName } from './graph.ts';
import type { ThreadData } from './protocol.ts';
import { Thread } from './thread.ts';
import type { TracedStep } from './trace.ts';

export interface Call {
  inputs: HostArrays;
  times: number;
  feed: Record<string, string>;
  /** Threads within the session. */
  threads: number;
  /** The worker thread that takes the call; the one with the least to do when absent. */
  thread?: number | undefined;
  /** The input buffers may be given away. */
  owned: boolean;
}

/** What a graph has on the threads: which constants each has been sent. */
interface Loaded {
  key: string;
  encoded: { constants: HostArrays; bytes: Uint8Array } | undefined;
  sent: Map<Thread, HostArrays>;
  /** On a GPU: the constants are inputs, because they change often. */
  fed: boolean;
  /** Runs with the constants as they are now. */
  runs: number;
}

export interface Place extends ThreadData {
  /** Worker threads; one feeds a GPU. */
  threads: number;
}

/** Runs with the same constants from which on it pays to build them into a GPU's session, which is made anew for it. */
const runsWorthBuilding = 8;

const copy = (bytes: Uint8Array) => Uint8Array.from(bytes);

const joined = (first: Uint8Array, second: Uint8Array) => {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
};

const valuesOf = (constants: HostArrays, needed: string[]) =>
  Object.fromEntries(Object.entries(constants).filter(([name]) => needed.includes(constantName(name))));

/** A failure surfaces at the run that follows. */
const settled = (answer: Promise<unknown>) => void answer.catch(() => undefined);

/** Places the sessions of graphs on a fixed number of worker threads. */
export class Sessions {
  private readonly pool: Thread[];
  private readonly loaded = new Map<TracedStep, Loaded>();
  private made = 0;
  private block: Promise<number> | undefined;

  readonly threads: number;
  readonly isGpu: boolean;

  constructor({ threads, ...data }: Place, block?: number) {
    this.threads = threads;
    this.isGpu = data.kind !== 'cpu';
    if (block !== undefined) this.block = Promise.resolve(block);
    this.pool = Array.from({ length: threads }, () => new Thread(data));
  }

  /** Sessions that threads hold now. */
  get count(): number {
    return [...this.loaded.values()].reduce((sum, { sent }) => sum + sent.size, 0);
  }

  /** Channels in a block of the runtime's convolutions on this machine; asked once. */
  blockSize(): Promise<number> {
    this.block ??= findBlockSize((request) => (this.pool[0] as Thread).ask(request));
    return this.block;
  }

  async run(graph: TracedStep, constants: HostArrays, call: Call): Promise<HostArrays> {
    const thread = this.choose(call.thread);
    const loaded = this.entry(graph);
    this.prepare(thread, loaded, graph, constants, call.threads);
    const transfer = call.owned ? Object.values(call.inputs).map(({ data }) => data.buffer as ArrayBuffer) : [];
    const { inputs, times, feed } = call;
    const answer = await thread.ask({ kind: 'run', key: loaded.key, inputs, times, feed }, transfer);
    return answer.outputs as HostArrays;
  }

  /** Gives back the memory of a GPU's other sessions; false where there are none. */
  async reduce(graph: TracedStep): Promise<boolean> {
    if (!this.isGpu || this.loaded.size < 2) return false;
    await (this.pool[0] as Thread).ask({ kind: 'reduce', key: this.entry(graph).key });
    return true;
  }

  /** Closes the graph's sessions after the runs that are under way. */
  async release(graph: TracedStep): Promise<void> {
    const loaded = this.loaded.get(graph);
    if (loaded === undefined) return;
    await Promise.all([...loaded.sent.keys()].map((thread) => thread.ask({ kind: 'release', key: loaded.key })));
    this.loaded.delete(graph);
  }

  async stop(): Promise<void> {
    await Promise.all(this.pool.map((thread) => thread.stop()));
    this.loaded.clear();
  }

  private choose(index: number | undefined): Thread {
    if (index !== undefined) return this.pool[index] as Thread;
    return this.pool.reduce((best, thread) => (thread.load < best.load ? thread : best));
  }

  private entry(graph: TracedStep): Loaded {
    let loaded = this.loaded.get(graph);
    if (loaded === undefined) {
      this.made += 1;
      loaded = { key: String(this.made), encoded: undefined, sent: new Map(), fed: false, runs: 0 };
      this.loaded.set(graph, loaded);
    }
    return loaded;
  }

  /** Sends the graph and its constants to a thread that lacks them. */
  private prepare(thread: Thread, loaded: Loaded, graph: TracedStep, constants: HostArrays, threads: number): void {
    const { key } = loaded;
    const { bytes: model, preparation, built, looped } = graph;
    loaded.runs += 1;
    if (loaded.sent.get(thread) === constants) return;
    if (!this.isGpu) {
      if (!loaded.sent.has(thread)) settled(thread.ask({ kind: 'load', key, graph: model, preparation, built, threads }));
      if (graph.constants.length > 0 || preparation)
        settled(thread.ask({ kind: 'values', key, values: valuesOf(constants, graph.constants) }));
      loaded.sent.set(thread, constants);
      return;
    }
    const fed = loaded.fed || (loaded.sent.has(thread) && loaded.runs <= runsWorthBuilding);
    if (fed && !loaded.fed) {
      loaded.fed = true;
      settled(thread.ask({ kind: 'release', key }));
      const declared = joined(model, declareConstants(constants, graph.constants));
      settled(thread.ask({ kind: 'load', key, graph: declared, threads, looped }));
    } else if (!loaded.sent.has(thread)) settled(thread.ask({ kind: 'load', key, graph: model, threads, looped }));
    if (fed) settled(thread.ask({ kind: 'values', key, values: valuesOf(constants, graph.constants) }));
    else this.build(thread, loaded, graph, constants);
    loaded.sent.set(thread, constants);
    loaded.runs = 1;
  }

  private build(thread: Thread, loaded: Loaded, graph: TracedStep, constants: HostArrays): void {
    if (loaded.encoded?.constants !== constants) loaded.encoded = { constants, bytes: encodeConstants(constants, graph.constants) };
    const bytes = copy(loaded.encoded.bytes);
    settled(thread.ask({ kind: 'constants', key: loaded.key, constants: bytes }, [bytes.buffer]));
  }
}
