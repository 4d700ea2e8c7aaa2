/** A process of its own for looking at devices: a broken driver ends it, or hangs in it, and nothing else. */
import '../parent.ts';
import { chooseBackend } from '../backends/choose.ts';
import type { Probe } from '../backends/devices.ts';
import { EngineError } from '../errors.ts';
import type { Probed, Question, Reply, Tested } from './messages.ts';
import { selfTest } from './self-test.ts';
import { measureSpeed } from './speed.ts';

const probes: Record<Probed, () => Promise<Probe>> = {
  onnx: async () => (await import('../backends/onnx/probe.ts')).probeOnnx(),
  tensorflow: async () => (await import('../backends/tensorflow/probe.ts')).probeTensorflow(),
};

async function test({ device, threads, measure }: Extract<Question, { type: 'test' }>): Promise<Tested> {
  const backend = await chooseBackend({ name: device.backend, kind: device.kind, index: device.index, threads });
  try {
    const began = performance.now();
    const result = await selfTest(backend);
    const seconds = (performance.now() - began) / 1000;
    if (!result.passed || !measure) return { ...result, seconds };
    return { ...result, seconds, imagesPerSecond: await measureSpeed(backend) };
  } finally {
    await backend.dispose();
  }
}

async function answer(question: Question): Promise<Reply> {
  try {
    if (question.type === 'probe') return { type: 'probed', probe: await probes[question.backend]() };
    return { type: 'tested', tested: await test(question) };
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error));
    return { type: 'failed', message, hint: error instanceof EngineError ? error.hint : undefined };
  }
}

process.on('message', async (question: Question) => {
  process.send?.(await answer(question), undefined, undefined, () => process.exit(0));
});
process.send?.({ type: 'ready' } satisfies Reply);
