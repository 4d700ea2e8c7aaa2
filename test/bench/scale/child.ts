/** A process for one point: performs its work whenever it is asked, and tells what it took. */
import * as tf from '@tensorflow/tfjs-core';
import { chooseBackend } from '../../../engine/index.ts';
import { contextOf, Recording } from '../../engine/recording.ts';
import { perform, type Work } from './works.ts';

export interface Order {
  work: Work;
  threads: number;
  datasets: string;
}

/** What one performance took. */
export interface Taken {
  seconds: number;
  /** Of all threads. */
  cpuSeconds: number;
  /** Most memory that the process has held since it began, and what it held before its first work. */
  peakBytes: number;
  emptyBytes: number;
  /** Left behind; none should be. */
  tensors: number;
  sessions: number;
}

let emptyBytes: number | undefined;

async function take({ work, threads, datasets }: Order): Promise<Taken> {
  emptyBytes ??= process.memoryUsage.rss();
  const backend = await chooseBackend({ threads });
  const tensorsBefore = tf.memory().numTensors;
  const [began, cpuBefore] = [performance.now(), process.cpuUsage()];
  await perform(contextOf(backend, new Recording(), { datasetsFolder: datasets }), work);
  const { user, system } = process.cpuUsage(cpuBefore);
  const seconds = (performance.now() - began) / 1000;
  const [tensors, sessions] = [tf.memory().numTensors - tensorsBefore, backend.sessions];
  await backend.dispose();
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  return { seconds, cpuSeconds: (user + system) / 1e6, peakBytes, emptyBytes, tensors, sessions };
}

process.on('message', async (order: Order) => {
  try {
    process.send?.({ taken: await take(order) });
  } catch (error) {
    process.send?.({ problem: error instanceof Error ? error.message : String(error) });
  }
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
