/** What the main thread and the worker threads say to each other. Every request is answered once, in order. */
import type { Backend, HostArrays } from '../backend.ts';

/** What a thread is told when it starts. */
export interface ThreadData {
  kind: Backend['kind'];
  /** Which of the GPUs of this kind. */
  index: number;
  /** The beginning of the names of the profiles that sessions write; none when absent. */
  profile?: string | undefined;
}

export interface LoadRequest {
  kind: 'load';
  /** Names the session. */
  key: string;
  /** The model without its constants. */
  graph: Uint8Array;
  /** Runs on constants that come as values, for further inputs of the model; see EncodedGraph. */
  preparation?: Uint8Array | undefined;
  /** Names of constants and of what is prepared that are built into the model; the others are inputs of it. */
  built?: string[];
  threads: number;
  /** The model is a loop over the step and takes the number of times; see loop.ts. */
  looped?: boolean;
}

/** Constants of a loaded graph, for the runs after this message. */
export interface ConstantsRequest {
  kind: 'constants';
  key: string;
  constants: Uint8Array;
}

/** Values of constants that a loaded graph takes as inputs, for the runs after this message. */
export interface ValuesRequest {
  kind: 'values';
  key: string;
  values: HostArrays;
}

/** Closes every session but one's own, to give their memory back; they open again when they are needed. */
export interface ReduceRequest {
  kind: 'reduce';
  key: string;
}

export interface RunRequest {
  kind: 'run';
  key: string;
  inputs: HostArrays;
  times: number;
  feed: Record<string, string>;
}

export interface ReleaseRequest {
  kind: 'release';
  key: string;
}

export type Request = LoadRequest | ConstantsRequest | ValuesRequest | ReduceRequest | RunRequest | ReleaseRequest;

/** Ends the thread after the run that is under way, before requests that wait; has no answer. */
export interface StopRequest {
  kind: 'stop';
}

export interface Answer {
  id: number;
  outputs?: HostArrays;
  error?: string;
}
