import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { EngineError } from '../../errors.ts';
import type { Answer, Request, StopRequest, ThreadData } from './protocol.ts';

interface Pending {
  resolve: (answer: Answer) => void;
  reject: (error: Error) => void;
}

/** NVIDIA's own words, which the runtime wraps into its source's. */
const readable = (message: string) => /(CUDA|CUDNN|CUBLAS) failure -?\d+: [^;]+/.exec(message)?.[0].trim() ?? message.trim();

/** One worker thread, started at its first request. It keeps the process alive only while a request is open. */
export class Thread {
  private worker: Worker | undefined;
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;

  constructor(private readonly data: ThreadData) {}

  /** Requests not yet answered. */
  get load(): number {
    return this.pending.size;
  }

  /** Sends a request after those before it; buffers named in transfer leave this thread. */
  ask(request: Request, transfer: ArrayBuffer[] = []): Promise<Answer> {
    this.worker ??= this.start();
    const { worker } = this;
    this.lastId += 1;
    const id = this.lastId;
    worker.ref();
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      worker.postMessage({ id, ...request }, transfer);
    });
  }

  /**
   * Rejects what is open at once and ends the thread after the run that is under way: the runtime aborts the whole process
   * when its thread is terminated inside a run.
   */
  async stop(): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    this.fail(new EngineError('The computation was stopped.'));
    if (worker === undefined) return;
    const ended = once(worker, 'exit');
    worker.ref();
    worker.postMessage({ kind: 'stop' } satisfies StopRequest);
    await ended;
  }

  private start(): Worker {
    const worker = new Worker(new URL('./worker.mjs', import.meta.url), { execArgv: [], workerData: this.data });
    worker.on('message', (answer: Answer) => this.settle(answer));
    worker.on('error', (error) => this.fail(new EngineError(`A compute thread has failed: ${error.message}`)));
    worker.on('exit', () => {
      if (this.worker === worker) this.worker = undefined;
      this.fail(new EngineError('A compute thread has ended early.'));
    });
    return worker;
  }

  private settle(answer: Answer): void {
    const pending = this.pending.get(answer.id);
    this.pending.delete(answer.id);
    if (this.pending.size === 0) this.worker?.unref();
    if (answer.error === undefined) pending?.resolve(answer);
    else pending?.reject(new EngineError(readable(answer.error)));
  }

  private fail(error: EngineError): void {
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
  }
}
