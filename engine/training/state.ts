/** The state of a training loop between two epochs, as bytes. */
import type { HostArray } from '../backends/backend.ts';
import { EngineError } from '../errors.ts';
import { formatSafetensors, parseSafetensors, type RawTensor } from '../weights/safetensors.ts';
import { floatsOf } from '../weights/state-dict.ts';
import type { Weights } from '../weights/weights.ts';

export interface Best {
  /** Accuracy on the selection split, in [0, 1]. */
  score: number;
  /** From 1. */
  epoch: number;
  weights: Weights;
  /** Whether a check of the score failed. */
  suspect: boolean;
}

export interface LoopState {
  /** Epochs done. */
  epoch: number;
  /** Optimiser steps done. */
  step: number;
  weights: Weights;
  velocity: Weights;
  /** Moving average of the weights, where one is kept. */
  average?: Weights;
  best?: Best;
}

const parts = ['weights', 'velocity', 'average', 'best'] as const;

function raw({ shape, data }: HostArray): RawTensor {
  return { dtype: 'F32', shape, bytes: new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength) };
}

/** Exact: what parseState gives back continues bit for bit. */
export function formatState({ epoch, step, weights, velocity, average = {}, best }: LoopState): Uint8Array {
  const groups = { weights, velocity, average, best: best?.weights ?? {} };
  const tensors = parts.flatMap((part) => Object.entries(groups[part]).map(([name, array]) => [`${part}/${name}`, raw(array)] as const));
  const metadata: Record<string, string> = {
    epoch: String(epoch),
    step: String(step),
    bestEpoch: String(best?.epoch ?? 0),
    bestScore: String(best?.score ?? 0),
  };
  if (best?.suspect) metadata.bestSuspect = 'true';
  return formatSafetensors({ tensors: Object.fromEntries(tensors), metadata });
}

/** Throws EngineError when the bytes are not such a state. */
export function parseState(bytes: Uint8Array): LoopState {
  const { tensors, metadata } = parseSafetensors(bytes);
  const group = (part: string): Weights =>
    Object.fromEntries(
      Object.entries(tensors)
        .filter(([name]) => name.startsWith(`${part}/`))
        .map(([name, tensor]) => [
          name.slice(part.length + 1),
          { shape: tensor.shape, dtype: 'float32', data: floatsOf(name, tensor) } satisfies HostArray,
        ]),
    );
  const number = (key: string) => {
    const value = Number(metadata[key] ?? Number.NaN);
    if (!Number.isFinite(value)) throw new EngineError(`The saved state of the training has no ${key}.`, 'Start the run again.');
    return value;
  };
  const bestEpoch = number('bestEpoch');
  const average = group('average');
  return {
    epoch: number('epoch'),
    step: number('step'),
    weights: group('weights'),
    velocity: group('velocity'),
    ...(Object.keys(average).length > 0 && { average }),
    ...(bestEpoch > 0 && {
      best: { epoch: bestEpoch, score: number('bestScore'), weights: group('best'), suspect: metadata.bestSuspect === 'true' },
    }),
  };
}
