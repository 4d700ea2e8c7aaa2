/** What the process that looks at devices is asked, and what it answers: one question a process. */
import type { EngineDevice, Probe } from '../backends/devices.ts';
import type { SelfTestResult } from './self-test.ts';

/** The backends that may find devices besides the CPU. */
export type Probed = 'onnx' | 'tensorflow';

export type Question = { type: 'probe'; backend: Probed } | { type: 'test'; device: EngineDevice; threads: number; measure: boolean };

export interface Tested extends SelfTestResult {
  /** Time of the self-test, without the start of the process. */
  seconds: number;
  /** Absent when it was not asked for, or when the self-test failed. */
  imagesPerSecond?: number;
}

export type Reply =
  | { type: 'ready' }
  | { type: 'probed'; probe: Probe }
  | { type: 'tested'; tested: Tested }
  | { type: 'failed'; message: string; hint?: string };
