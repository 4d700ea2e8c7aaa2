/** The watch of a stage: counts what is done and tells the recorder twice a second. */
import type { Recorder } from '../recorder.ts';
import { untilAborted, type Watch } from '../watch.ts';

const interval = 500;

export class StageWatch implements Watch {
  readonly signal: AbortSignal;
  private readonly recorder: Recorder;
  private readonly unit: string;
  private readonly timer: NodeJS.Timeout;
  private total: number;
  private done = 0;

  /** total: units of the whole stage, those of an earlier execution included. */
  constructor(recorder: Recorder, signal: AbortSignal, total: number, unit: string) {
    this.recorder = recorder;
    this.signal = signal;
    this.total = total;
    this.unit = unit;
    this.report();
    this.timer = setInterval(() => this.report(), interval);
  }

  advance(amount: number): void {
    this.done += amount;
  }

  expect(rest: number): void {
    this.total = this.done + rest;
  }

  /** Ends the reports; a stage that finished has done all of it. */
  end(finished: boolean): void {
    clearInterval(this.timer);
    if (finished) this.done = this.total;
    this.report();
  }

  private report(): void {
    this.recorder.progress({ done: Math.min(this.done, this.total), total: this.total, unit: this.unit });
  }
}

/**
 * Runs a stage's body under a watch that ends with it. When the signal is aborted it rejects at once; the body stops after the
 * call that it is waiting for, whose sessions it then gives back.
 */
export async function watched<T>(
  { recorder, signal }: { recorder: Recorder; signal: AbortSignal },
  { total, unit }: { total: number; unit: string },
  body: (watch: Watch) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const watch = new StageWatch(recorder, signal, total, unit);
  let finished = false;
  try {
    const result = await untilAborted(signal, body(watch));
    finished = true;
    return result;
  } finally {
    watch.end(finished);
  }
}
