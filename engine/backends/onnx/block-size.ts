import { toBlocks } from './blocked.ts';
import { Graph } from './graph.ts';
import type { Answer, Request } from './protocol.ts';

const key = 'block size';

/** More channels than a block has on any processor. */
const channels = 64;

/**
 * How many channels the runtime's convolutions take at a time on this processor: two pixels are put into blocks, and the
 * second pixel's first channel lies one block behind the first's. 1 when the runtime has no such layout here.
 */
export async function findBlockSize(ask: (request: Request) => Promise<Answer>): Promise<number> {
  const graph = new Graph();
  const pixels = graph.input('pixels', [1, 1, 2, channels], 'float32');
  const { bytes } = graph.encode({ blocks: toBlocks(graph, pixels, true) });
  const data = Float32Array.from({ length: 2 * channels }, (_, index) => index);
  try {
    await ask({ kind: 'load', key, graph: bytes, threads: 1 });
    const { outputs } = await ask({
      kind: 'run',
      key,
      inputs: { pixels: { shape: [1, 1, 2, channels], dtype: 'float32', data } },
      times: 1,
      feed: {},
    });
    return Math.max(1, outputs?.blocks?.data.indexOf(channels) ?? 1);
  } catch {
    return 1;
  } finally {
    await ask({ kind: 'release', key });
  }
}
