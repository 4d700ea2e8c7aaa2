/** Who asks, and what a service works with. */
import type { Queue } from '../queue/queue.ts';
import type { Artifacts } from '../store/artifacts.ts';
import type { Database } from '../store/database.ts';
import type { MissingKey } from '../store/missing-keys.ts';
import type { Role, TokenRecord, UserRecord } from '../store/records.ts';
import type { Live } from './live.ts';
import { createLoaders, type Loaders } from './loaders.ts';
import type { Receiving } from './receiving.ts';

export interface Lab {
  database: Database;
  queue: Queue;
  live: Live;
  artifacts: Artifacts;
  receiving: Receiving;
  /** Folder that holds cifar-10-batches-bin and the like. */
  datasetsFolder: string;
  /** Days for which deleted runs are kept; 0 for ever. */
  retentionDays: number;
  /** RiftLab's version. */
  version: string;
  /** Whether RiftLab runs the Postgres itself. */
  embeddedPostgres: boolean;
}

/** A signed-in person, or a script with a token of theirs. role is the lesser of the person's and the token's. */
export interface Viewer {
  user: UserRecord;
  role: Role;
  /** Null for a person who signed in. */
  token: TokenRecord | null;
  /** When the token or the session ends by itself. */
  until: Date | null;
}

export interface Session {
  lab: Lab;
  viewer: Viewer | null;
  /** Loads each record once within one request. */
  load: Loaders;
  /** What a request named and nobody has, gathered for its answer. */
  hints: MissingKey[];
  /** Address of this server as the client knows it, without a slash at its end, for addresses in answers. */
  home: string;
}

export const openSession = (lab: Lab, viewer: Viewer | null, home: string): Session => ({
  lab,
  viewer,
  load: createLoaders(lab.database),
  hints: [],
  home,
});
