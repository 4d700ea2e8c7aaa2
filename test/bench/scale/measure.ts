/** Runs the points of an axis in processes of their own, in turn, so that what else the machine does meets all of them. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { median } from '../engine/table.ts';
import type { Order, Taken } from './child.ts';
import type { Work } from './works.ts';

export interface Measured {
  seconds: number;
  cpuSeconds: number;
  /** Largest over smallest of the repetitions: how far each of the clocks can be trusted. */
  spread: { seconds: number; cpuSeconds: number };
  /** Most memory of one process after the first performance, beyond what it held empty. */
  addedBytes: number;
}

export interface Settings {
  datasets: string;
  threads: number;
  repetitions: number;
}

interface Answer {
  taken?: Taken;
  problem?: string;
}

class Process {
  private readonly child: ChildProcess = fork(join(import.meta.dirname, 'child.ts'), {
    execArgv: ['--import', 'tsx'],
    serialization: 'advanced',
  });
  readonly ready = this.answer();

  async take(order: Order): Promise<Taken> {
    const answer = this.answer();
    this.child.send(order);
    const { taken, problem } = (await answer) as Answer;
    if (!taken) throw new Error(`${JSON.stringify(order.work)}: ${problem}`);
    if (taken.tensors + taken.sessions > 0)
      throw new Error(`${JSON.stringify(order.work)} left ${taken.tensors} tensors and ${taken.sessions} sessions behind.`);
    return taken;
  }

  async end(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.disconnect();
    await gone;
  }

  private answer(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null, signal: string | null) =>
        reject(new Error(`A process of the bench ended with ${signal ?? code}.`));
      this.child.once('exit', ended);
      this.child.once('message', (message) => {
        this.child.off('exit', ended);
        resolve(message);
      });
    });
  }
}

const spreadOf = (values: number[]) => Math.max(...values) / Math.min(...values);

/** Measures works in turn; sideBySide: copies of each that run at once, each on its own number of threads. */
export async function measure(
  works: readonly Work[],
  settings: Settings,
  sideBySide: readonly number[] = works.map(() => 1),
): Promise<Measured[]> {
  const points = works.map((work, index) => ({
    work,
    processes: Array.from({ length: sideBySide[index] as number }, () => new Process()),
  }));
  const all = points.flatMap(({ processes }) => processes);
  try {
    await Promise.all(all.map(({ ready }) => ready));
    const taken: Taken[][] = works.map(() => []);
    for (let repetition = 0; repetition < settings.repetitions; repetition++)
      for (const [index, { work, processes }] of points.entries()) {
        const began = performance.now();
        const each = await Promise.all(processes.map((one) => one.take({ work, threads: settings.threads, datasets: settings.datasets })));
        const [first] = each as [Taken];
        const cpuSeconds = each.reduce((sum, one) => sum + one.cpuSeconds, 0);
        taken[index]?.push(processes.length === 1 ? first : { ...first, cpuSeconds, seconds: (performance.now() - began) / 1000 });
      }
    return taken.map((times) => {
      const [seconds, cpuSeconds] = [times.map((one) => one.seconds), times.map((one) => one.cpuSeconds)];
      const [{ peakBytes, emptyBytes }] = times as [Taken];
      const spread = { seconds: spreadOf(seconds), cpuSeconds: spreadOf(cpuSeconds) };
      return { seconds: median(seconds), cpuSeconds: median(cpuSeconds), spread, addedBytes: peakBytes - emptyBytes };
    });
  } finally {
    await Promise.all(all.map((one) => one.end().catch(() => {})));
  }
}
