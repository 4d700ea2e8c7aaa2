/** Finds devices and finds out whether they can be trusted. Everything that may break happens in processes of its own. */
import { type AskOptions, ask } from '../ask.ts';
import { type EngineDevice, labelOf, type MissingDevice, type Probe } from '../backends/devices.ts';
import { cpuDevice } from './cpu-device.ts';
import type { Probed, Question, Reply } from './messages.ts';

const askOf = (question: Question, options: AskOptions) => ask<Reply>('engine/devices/main', question, options);

/** TensorFlow takes seconds to load, more from a disk that sleeps. */
const probeLimit = 60_000;
/** The first use of a GPU may compile kernels for it. */
const testLimit = 180_000;

const probed: { backend: Probed; hint: string }[] = [
  { backend: 'onnx', hint: 'npm run setup:cuda says what is wrong.' },
  { backend: 'tensorflow', hint: 'npm run setup:tensorflow says what is wrong.' },
];

/** Every device of this machine, the CPU first. threads: cores of the CPU that are used. */
export async function findDevices(threads: number, options: Partial<AskOptions> = {}): Promise<Probe> {
  const answers = await Promise.all(
    probed.map(async ({ backend, hint }): Promise<Probe> => {
      const answer = await askOf({ type: 'probe', backend }, { limitMilliseconds: probeLimit, ...options });
      if (answer.type === 'probed') return answer.probe;
      const reason = answer.type === 'ended' ? answer.reason : 'message' in answer ? answer.message : 'it gave no answer';
      return { devices: [], missing: [{ backend, kind: 'cuda', reason: `Looking for GPUs failed: ${reason}.`, hint }] };
    }),
  );
  const all = [cpuDevice(threads), ...answers.flatMap(({ devices }) => devices)];
  const devices = [...new Map(all.toReversed().map((device) => [labelOf(device), device])).values()].toReversed();
  return { devices, missing: answers.flatMap(({ missing }): MissingDevice[] => missing) };
}

/** A device after its self-test. */
export type CheckedDevice = { device: EngineDevice } & (
  | { state: 'passed'; selfTest: string; imagesPerSecond: number | undefined }
  | { state: 'failed'; problem: string; hint?: string | undefined }
);

export interface CheckOptions extends Partial<AskOptions> {
  threads: number;
  /** Measures its speed too. */
  measure: boolean;
}

/** The start-up self-test of one device; never rejects. */
export async function checkDevice(device: EngineDevice, { threads, measure, ...options }: CheckOptions): Promise<CheckedDevice> {
  const answer = await askOf({ type: 'test', device, threads, measure }, { limitMilliseconds: testLimit, ...options });
  const failed = (problem: string, hint?: string): CheckedDevice => ({ device, state: 'failed', problem, hint });
  if (answer.type === 'ended') return failed(`The self-test failed: ${answer.reason}.`, 'Look at the driver and its libraries.');
  if (answer.type === 'failed') return failed(`The self-test failed: ${answer.message}`, answer.hint);
  if (answer.type !== 'tested') return failed('The self-test gave no answer.');
  const { passed, error, where, seconds, imagesPerSecond } = answer.tested;
  const size = error.toExponential(0);
  if (!passed)
    return failed(`The self-test failed: ${where} is off by ${size} of its size.`, 'It computes wrong numbers: look at the driver.');
  return { device, state: 'passed', selfTest: `passed in ${seconds.toFixed(1)} s, largest error ${size}`, imagesPerSecond };
}
