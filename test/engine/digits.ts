/** A network that reads digits after a moment of training. */
import type { Backend } from '../../engine/backends/backend.ts';
import { measureConfig, trainingConfig } from '../../engine/config.ts';
import { runTraining } from '../../engine/stages/training.ts';
import type { Weights } from '../../engine/weights/weights.ts';
import { contextOf, Recording } from './recording.ts';

export const digitTraining = trainingConfig.parse({
  architecture: 'RESNET8',
  variant: 'STANDARD',
  dataset: 'mnist',
  trainImages: 640,
  epochs: 3,
  batchSize: 32,
  learningRate: 0.05,
});

export async function trainedDigits(backend: Backend, recording = new Recording()): Promise<Weights> {
  const request = { training: digitTraining, protocol: 'HOLD_OUT', measure: measureConfig.parse({ images: 100 }) } as const;
  return (await runTraining(contextOf(backend, recording), request)).weights;
}
