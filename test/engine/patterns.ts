/** A small network that tells made-up patterns of few pixels apart after a moment of training. */
import type { Backend } from '../../engine/backends/backend.ts';
import { measureConfig, trainingConfig } from '../../engine/config.ts';
import { findDataset } from '../../engine/data/catalogue.ts';
import { networkOf } from '../../engine/models/form.ts';
import { runTraining } from '../../engine/stages/training.ts';
import type { Model } from '../../engine/stages.ts';
import type { Weights } from '../../engine/weights/weights.ts';
import { contextOf, Recording } from './recording.ts';

export const patterns = findDataset('synthetic-10-classes-8-px-grey');

const conv = (name: string, stride: number) => ({ type: 'conv', name, filters: 16, padding: 1, stride });
const batchNorm = (name: string) => ({ type: 'batchNorm', name });
const relu = { type: 'relu' };

/** A residual block between a convolution and a linear layer: five modules. */
export const patternForm = {
  architecture: 'SEQUENTIAL',
  architectureOptions: {
    layers: [
      ...[conv('conv1', 1), batchNorm('bn1'), relu],
      {
        ...{ type: 'residual', name: 'layer1', shortcut: [conv('shortcut', 2)] },
        layers: [conv('conv1', 2), batchNorm('bn1'), relu, conv('conv2', 1), batchNorm('bn2')],
      },
      ...[relu, { type: 'averagePool' }, { type: 'flatten' }, { type: 'linear', name: 'linear' }],
    ],
  },
} as const;

export const patternNetwork = networkOf(patternForm, patterns);

export const patternTraining = trainingConfig.parse({
  ...{ ...patternForm, variant: 'STANDARD', dataset: patterns.name },
  ...{ trainImages: 640, epochs: 3, batchSize: 32, learningRate: 0.05 },
});

export const patternModel = (weights: Weights): Model => ({ ...patternForm, dataset: patterns.name, weights, trainedHere: true });

export async function trainedPatterns(backend: Backend, recording = new Recording()): Promise<Weights> {
  const request = { training: patternTraining, protocol: 'HOLD_OUT', measure: measureConfig.parse({ images: 100 }) } as const;
  return (await runTraining(contextOf(backend, recording), request)).weights;
}
