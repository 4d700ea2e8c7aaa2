import { EngineError, OutOfMemoryError } from '../../errors.ts';
import { checkArrays, checkConstants, checkFeed, checkRun, describe } from '../arguments.ts';
import type { CompiledStep, CompileOptions, HostArray, HostArrays, Parallelism, RunOptions, Step } from '../backend.ts';
import { faultOf } from '../faults.ts';
import { countRows, joinRows, roomOf, rowsOfCall, Spare, takeRows } from '../rows.ts';
import { repeat } from './loop.ts';
import { PartSizes } from './part-sizes.ts';
import type { Sessions } from './sessions.ts';
import { type TracedStep, trace } from './trace.ts';

/** Graphs kept of one step; the one unused for longest goes when there are more combinations of shapes. */
const graphLimit = 8;

/** Bytes of constants up to which they are taken to stay in a core's cache. */
const cachedWeights = 2 ** 20;

/** Bytes of one array of a part's activations beside which such weights stay there, and the most rows that gain by it. */
const [cachedActivations, mostCachedRows] = [2 ** 19, 64];

/** Rows for which it is worth to read any weights anew, and to start all nodes of a deep network. */
const enoughRows = 10;

/** Bytes of constants above which a network is taken to be so large that the activations of few images fill the memory. */
const largeWeights = 2 ** 26;

/** Values of an image of 32 x 32 pixels and three colours. */
const usualValues = 32 * 32 * 3;

const signature = (inputs: HostArrays) =>
  Object.keys(inputs)
    .sort()
    .map((name) => `${name} ${describe(inputs[name] as HostArray)}`)
    .join('; ');

/** One run takes the loop too: the calls of an attack vary in length, and a session more would cost memory. */
const canLoop = (feed: Record<string, string>) => {
  const inputs = Object.values(feed);
  return inputs.length > 0 && new Set(inputs).size === inputs.length;
};

/** A step on the onnx backend: one graph for each combination of input shapes, with sessions on the threads that run it. */
export class OnnxStep implements CompiledStep {
  private readonly graphs = new Map<string, TracedStep>();
  private readonly parallelism: Parallelism;
  private readonly lasting: boolean;
  /** An input with one row an image, where calls use all cores. */
  private readonly rowed: string | undefined;
  /** Found out at the first call that wants to know. */
  private sizes: PartSizes | undefined;
  private readonly spare = new Spare();
  private constants: HostArrays;
  private disposed = false;

  constructor(
    private readonly name: string,
    private readonly step: Step,
    { parallelism, constants = {}, rows, lasting = false }: CompileOptions,
    private readonly sessions: Sessions,
  ) {
    checkArrays(name, constants);
    this.parallelism = parallelism;
    this.lasting = lasting;
    this.rowed = rows?.inputs[0];
    this.constants = { ...constants };
  }

  async run(inputs: HostArrays, options: RunOptions = {}): Promise<HostArrays> {
    this.checkAlive();
    checkRun(this.name, inputs, this.constants, options);
    return this.parallelism === 'images' ? this.runRows(inputs, options) : this.runPart(inputs, options);
  }

  async setConstants(constants: HostArrays): Promise<void> {
    this.checkAlive();
    checkConstants(this.name, this.constants, constants);
    this.constants = { ...this.constants, ...constants };
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    const graphs = [...this.graphs.values()];
    this.graphs.clear();
    this.constants = {};
    this.spare.keep([]);
    await Promise.all(graphs.map((graph) => this.sessions.release(graph)));
  }

  /**
   * Splits the rows evenly over the threads, and again into parts whose activations stay in a core's cache through the
   * whole step. All parts have the same shape, the last one filled up.
   */
  private async runRows(inputs: HostArrays, options: RunOptions): Promise<HostArrays> {
    const rows = countRows(this.name, inputs);
    const { threads } = this.sessions;
    const size = this.sessions.isGpu ? rowsOfCall(rows) : (await this.partSizes(inputs, rows)).of(rows, options.times ?? 1);
    const starts = Array.from({ length: Math.ceil(rows / size) }, (_, index) => index * size);
    const parts = starts.map((start, index) => {
      const part = Object.fromEntries(Object.entries(inputs).map(([name, array]) => [name, takeRows(array, start, size, this.spare)]));
      return this.runPart(part, options, index % threads);
    });
    const outputs = await Promise.all(parts);
    const { feed = {}, inPlace = false } = options;
    const joined = joinRows(outputs, rows, inPlace ? roomOf(inputs, feed) : {});
    this.spare.keep(outputs.flatMap((part) => Object.values(part)));
    return joined;
  }

  /**
   * Rows of a part: as many as keep the activations in the cache where the weights stay there too, or where those rows are enough to
   * read the weights anew for; otherwise more, but fewer of images that are larger than CIFAR's.
   */
  private async partSizes(inputs: HostArrays, rows: number): Promise<PartSizes> {
    const block = await this.sessions.blockSize();
    this.sizes ??= new PartSizes(this.mostRows(inputs, rows, block), this.sessions.threads);
    return this.sizes;
  }

  private mostRows(inputs: HostArrays, rows: number, block: number): number {
    const bytes = Object.values(this.constants).reduce((sum, { data }) => sum + data.byteLength, 0);
    const cached = this.rowsInCache(inputs, block);
    if (bytes <= cachedWeights || cached >= enoughRows) return cached;
    const values = Math.max(...Object.values(inputs).map(({ data }) => data.length / rows));
    return (bytes <= largeWeights ? 32 : 16) * Math.min(1, usualValues / values);
  }

  /** As many rows as let the widest activations stay in a core's cache. */
  private rowsInCache(inputs: HostArrays, block: number): number {
    const traced = 2;
    const pair = Object.fromEntries(Object.entries(inputs).map(([name, array]) => [name, takeRows(array, 0, traced)]));
    const bytes = (4 * this.trace(pair, block).widest) / traced;
    return Math.min(mostCachedRows, cachedActivations / bytes);
  }

  private async runPart(inputs: HostArrays, { times = 1, feed = {} }: RunOptions, thread?: number): Promise<HostArrays> {
    const looped = this.sessions.isGpu && canLoop(feed) ? feed : undefined;
    const graph = this.graphFor(inputs, await this.sessions.blockSize(), looped);
    checkFeed(this.name, graph.inputs, graph.outputs, feed);
    const placement = this.parallelism === 'threads' ? { threads: this.threadsFor(inputs), thread: 0 } : { threads: 1, thread };
    const owned = this.parallelism === 'images' && !this.sessions.isGpu;
    const call = { inputs, times, feed, owned, ...placement };
    const run = () =>
      this.sessions.run(graph, this.constants, call).catch((error: Error) => {
        throw faultOf(this.name, error.message);
      });
    return run().catch(async (fault) => {
      if (fault instanceof OutOfMemoryError && (await this.sessions.reduce(graph))) return run();
      throw fault;
    });
  }

  /** No more than images: the runtime cuts single images where threads are left over, which would let their number change sums. */
  private threadsFor(inputs: HostArrays): number {
    const rows = this.rowed === undefined ? undefined : inputs[this.rowed]?.shape[0];
    return Math.min(this.sessions.threads, rows ?? Number.POSITIVE_INFINITY);
  }

  /** @param looped the feed of a graph that runs the step many times; the step alone when absent */
  private graphFor(inputs: HostArrays, block: number, looped?: Record<string, string>): TracedStep {
    const key = looped === undefined ? signature(inputs) : `${signature(inputs)} ${JSON.stringify(looped)}`;
    let graph = this.graphs.get(key);
    this.graphs.delete(key);
    graph ??= this.trace(inputs, block, looped);
    this.graphs.set(key, graph);
    const oldest = this.graphs.entries().next().value;
    if (this.graphs.size > graphLimit && oldest) {
      this.graphs.delete(oldest[0]);
      void this.sessions.release(oldest[1]);
    }
    return graph;
  }

  private trace(inputs: HostArrays, block: number, looped?: Record<string, string>): TracedStep {
    const specifications = Object.fromEntries(Object.entries(inputs).map(([name, { shape, dtype }]) => [name, { shape, dtype }]));
    const graph = trace(this.name, this.step, specifications, this.constants, block, !this.sessions.isGpu, this.lasting);
    const rows = Object.values(inputs)[0]?.shape[0];
    const odd = Object.entries(graph.outputs).find(([, { shape }]) => this.parallelism === 'images' && shape[0] !== rows);
    if (odd)
      throw new EngineError(`${this.name}: output ${odd[0]} is ${describe(odd[1])}, but a step split by images needs one row an image.`);
    if (looped === undefined) return graph;
    checkFeed(this.name, graph.inputs, graph.outputs, looped);
    return repeat(graph, looped);
  }

  private checkAlive(): void {
    if (this.disposed) throw new EngineError(`${this.name}: this step has been disposed.`);
  }
}
