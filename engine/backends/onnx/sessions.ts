import type { HostArrays } from '../backend.ts';
import { findBlockSize } from './block-size.ts';
import { encodeConstants } from './constants.ts';
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
}

const copy = (bytes: Uint8Array) => Uint8Array.from(bytes);

/** Places the sessions of graphs on a fixed number of worker threads. */
export class Sessions {
  private readonly pool: Thread[];
  private readonly loaded = new Map<TracedStep, Loaded>();
  private made = 0;
  private block: Promise<number> | undefined;

  constructor(
    readonly threads: number,
    block?: number,
  ) {
    if (block !== undefined) this.block = Promise.resolve(block);
    this.pool = Array.from({ length: threads }, () => new Thread());
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
      loaded = { key: String(this.made), encoded: undefined, sent: new Map() };
      this.loaded.set(graph, loaded);
    }
    return loaded;
  }

  /** Sends the graph and its constants to a thread that lacks them; a failure surfaces at the run that follows. */
  private prepare(thread: Thread, loaded: Loaded, graph: TracedStep, constants: HostArrays, threads: number): void {
    const { key } = loaded;
    const settled = (answer: Promise<unknown>) => void answer.catch(() => undefined);
    if (!loaded.sent.has(thread)) settled(thread.ask({ kind: 'load', key, graph: graph.bytes, threads }));
    if (loaded.sent.get(thread) === constants) return;
    if (loaded.encoded?.constants !== constants) loaded.encoded = { constants, bytes: encodeConstants(constants, graph.constants) };
    const bytes = copy(loaded.encoded.bytes);
    settled(thread.ask({ kind: 'constants', key, constants: bytes }, [bytes.buffer]));
    loaded.sent.set(thread, constants);
  }
}
