/** What the main thread and the worker threads say to each other. Every request is answered once, in order. */
import type { HostArrays } from '../backend.ts';

export interface LoadRequest {
  kind: 'load';
  /** Names the session. */
  key: string;
  /** The model without its constants. */
  graph: Uint8Array;
  threads: number;
}

/** Constants of a loaded graph, for the runs after this message. */
export interface ConstantsRequest {
  kind: 'constants';
  key: string;
  constants: Uint8Array;
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

export type Request = LoadRequest | ConstantsRequest | RunRequest | ReleaseRequest;

/** Ends the thread after the run that is under way, before requests that wait; has no answer. */
export interface StopRequest {
  kind: 'stop';
}

export interface Answer {
  id: number;
  outputs?: HostArrays;
  error?: string;
}
