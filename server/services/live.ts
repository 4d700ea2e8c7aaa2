/** Live changes: notifications, merged over a short while, given to each subscriber through an iterator of its own. */
import type { Listener } from '../store/listener.ts';
import type { Notification } from '../store/notifications.ts';

export type { Notification };

/** Resynchronise: the connection was lost for a while, so everything may have changed. */
export type Change = Notification | { type: 'resynchronise' };

export interface Subscriber<Event> {
  wanted(change: Notification): boolean;
  /** What the subscriber gets at once. Listening has begun by then, so nothing falls between. */
  first?(): Promise<Event[]>;
  /** What a batch of merged changes means to the subscriber. */
  read(batch: Change[]): Promise<Event[]>;
}

export interface Live {
  /** Events for one subscriber. return() frees everything at once, also while next() waits. */
  subscribe<Event>(subscriber: Subscriber<Event>): AsyncIterableIterator<Event>;
  /** How many there are now. */
  subscribers(): number;
  /**
   * What was made for this key since the last change, or made now: subscribers that hear of one change read it once. Nothing
   * that was read before a change is given after it.
   */
  sinceChange<Made>(key: string, make: () => Made): Made;
  /** Tells whose access may have changed: a user's id, or null for everybody's when notifications may have been missed. */
  onAccessChange(hear: (user: string | null) => void): () => void;
}

const mergeMilliseconds = 100;

/** For half a minute a failed reading is tried again. */
const retryMilliseconds = 500;
const mostFailures = 60;

/** A subscriber that reads too slowly is told to resynchronise instead of holding more than this. */
const mostPending = 5000;

export function openLive(listener: Listener): Live {
  const open = new Set<object>();
  const made = new Map<string, unknown>();
  const forget = () => made.clear();
  listener.onNotification(forget);
  listener.onReconnect(forget);
  return {
    subscribe(subscriber) {
      const events = new Events(listener, subscriber, forget, () => open.delete(events));
      open.add(events);
      return events;
    },
    subscribers: () => open.size,
    sinceChange<Made>(key: string, make: () => Made) {
      if (!made.has(key)) made.set(key, make());
      return made.get(key) as Made;
    },
    onAccessChange(hear) {
      const stops = [
        listener.onNotification((change) => change.type === 'accessChanged' && hear(change.user)),
        listener.onReconnect(() => hear(null)),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}

class Events<Event> implements AsyncIterableIterator<Event> {
  private pending: Change[] = [];
  private ready: Event[] = [];
  private ended = false;
  private failures = 0;
  private wake = () => {};
  private readonly stops: (() => void)[];
  /** Calls of next() answer one after another. */
  private turn: Promise<unknown>;

  constructor(
    listener: Listener,
    private readonly subscriber: Subscriber<Event>,
    private readonly failed: () => void,
    private readonly ending: () => void,
  ) {
    this.stops = [
      listener.onNotification((change) => {
        if (subscriber.wanted(change)) this.add(change);
      }),
      listener.onReconnect(() => this.add({ type: 'resynchronise' })),
    ];
    this.turn = Promise.resolve(subscriber.first?.() ?? []).then((events) => this.ready.push(...events));
    this.turn.catch(() => {});
  }

  next(): Promise<IteratorResult<Event>> {
    const answer = this.turn.then(() => this.take());
    this.turn = answer.catch(() => {});
    return answer;
  }

  async return(): Promise<IteratorResult<Event>> {
    this.end();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<Event>> {
    this.end();
    throw error;
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  private async take(): Promise<IteratorResult<Event>> {
    try {
      while (this.ready.length === 0 && !this.ended) this.ready.push(...(await this.nextBatch()));
    } catch (error) {
      this.end();
      throw error;
    }
    const event = this.ready.shift();
    return this.ended || event === undefined ? { done: true, value: undefined } : { done: false, value: event };
  }

  private async nextBatch(): Promise<Event[]> {
    while (this.pending.length === 0 && !this.ended) await new Promise<void>((resolve) => (this.wake = resolve));
    if (!this.ended) await new Promise((resolve) => setTimeout(resolve, mergeMilliseconds));
    const batch = merge(this.pending);
    this.pending = [];
    return this.ended ? [] : this.read(batch);
  }

  /** A database that is away for a moment does not end the subscription: the subscriber hears everything anew. */
  private async read(batch: Change[]): Promise<Event[]> {
    try {
      const events = await this.subscriber.read(batch);
      this.failures = 0;
      return events;
    } catch (error) {
      this.failed();
      if (++this.failures > mostFailures) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryMilliseconds));
      this.add({ type: 'resynchronise' });
      return [];
    }
  }

  private add(change: Change): void {
    if (this.pending.length >= mostPending) this.pending = [{ type: 'resynchronise' }];
    this.pending.push(change);
    this.wake();
  }

  private end(): void {
    this.ended = true;
    this.ending();
    for (const stop of this.stops) stop();
    this.wake();
  }
}

/** One change where several say the same; ranges grow to cover all. */
export function merge(changes: readonly Change[]): Change[] {
  if (changes.some(({ type }) => type === 'resynchronise')) return [{ type: 'resynchronise' }];
  const merged = new Map<string, Change>();
  for (const change of changes) {
    const key = keyOf(change);
    const earlier = merged.get(key);
    merged.set(key, earlier ? join(earlier, change) : change);
  }
  return [...merged.values()];
}

function keyOf(change: Change): string {
  const { type } = change;
  if (type === 'mrcScored') return `${type} ${change.run} ${change.module}`;
  if (type === 'sweepPointScored') return `${type} ${change.run} ${change.alpha}`;
  if (type === 'evaluated') return `${type} ${change.evaluation}`;
  if (type === 'accessChanged') return `${type} ${change.user}`;
  return 'run' in change ? `${type} ${change.run}` : type;
}

function join(one: Change, other: Change): Change {
  if (one.type === 'metricsLogged' && other.type === 'metricsLogged') {
    return {
      ...one,
      keys: [...new Set([...one.keys, ...other.keys])],
      fromStep: Math.min(one.fromStep, other.fromStep),
      toStep: Math.max(one.toStep, other.toStep),
    };
  }
  if (one.type === 'linesLogged' && other.type === 'linesLogged') {
    return { ...one, fromSeq: Math.min(one.fromSeq, other.fromSeq), toSeq: Math.max(one.toSeq, other.toSeq) };
  }
  return other;
}
