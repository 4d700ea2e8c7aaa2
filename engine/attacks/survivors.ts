/**
 * Which images survive an attack. Images leave the batch as soon as their answer is known and others take their place, so that
 * batches stay full; an image's answer does not depend on which others share its calls.
 */
import type { RobustnessRule } from '../config.ts';
import { batchOf } from '../data/batches.ts';
import type { ImageSet } from '../data/splits.ts';
import { EngineError } from '../errors.ts';
import { predictionBatch, weightsHint } from '../evaluation/predictor.ts';
import { RandomStream } from '../random.ts';
import { untilAborted, type Watch } from '../watch.ts';
import type { Attack, Finding } from './attack.ts';

export interface SurvivorRequest {
  attack: Attack;
  /** Passes that an image takes at most. */
  passes: number;
  set: ImageSet;
  /** 1 where the unattacked image is classified correctly. */
  clean: Uint8Array;
  rule: RobustnessRule;
  seed: number;
  /** Advances by `passes` for every image, pass by pass or at once when its answer is known early. */
  watch: Watch;
  /** The search ends when fewer images than this can survive; 0 when absent. */
  least?: number;
}

/** What one of several attacks in turn did: images that it fooled, and images at which the gradient of its loss was exactly zero. */
export interface PartFacts {
  fooled: number;
  vanished: number;
}

/** One entry an image: 1 where it survived. The rest counts images, to judge the attack by. */
export interface Survivors {
  robust: Uint8Array;
  attacked: number;
  /** Images with a point where the gradient of the attack's own loss was exactly zero. */
  vanished: number;
  /** Images that did not move at all. */
  stuck: number;
  /** Images that went through all steps and had a lower loss then than before, and how many went through. */
  lowered: number;
  finished: number;
  /** By the name of the part, of an attack that is several in turn. */
  parts: Record<string, PartFacts>;
  /** Whether the search ended early: then `robust` holds images of which nobody knows. */
  ended: boolean;
}

/** An image under attack. */
interface Entry {
  member: number;
  state: unknown;
  passes: number;
  /** Parts of the attack whose gradient has vanished; an attack that is one has the part ''. */
  vanished: Set<string>;
}

class Search {
  private readonly found: Survivors;
  /** Members that have not begun, the next one last. */
  private readonly waiting: number[] = [];
  /** Images under attack, by the pass that they take next. */
  private readonly open = new Map<string, Entry[]>();
  /** Images that are not fooled yet. */
  private possible: number;

  constructor(private readonly request: SurvivorRequest) {
    const { attack, clean, rule, set, watch, passes } = request;
    const robust = rule === 'ANY_STEP' ? clean.slice() : new Uint8Array(set.count).fill(1);
    for (let member = set.count - 1; member >= 0; member--) if (robust[member] === 1) this.waiting.push(member);
    const parts = Object.fromEntries((attack.parts ?? []).map((part) => [part, { fooled: 0, vanished: 0 }]));
    this.found = { robust, attacked: this.waiting.length, vanished: 0, stuck: 0, lowered: 0, finished: 0, parts, ended: false };
    this.possible = this.waiting.length;
    watch.advance((set.count - this.waiting.length) * passes);
  }

  private begin(member: number): Entry {
    const { set, attack, seed } = this.request;
    const state = attack.begin({
      image: batchOf(set, [member]).images.data as Float32Array,
      label: set.labels[member] as number,
      streamOf: (purpose, ...indices) => new RandomStream(seed, purpose, set.positions[member] as number, ...indices),
    });
    return { member, state, passes: 0, vanished: new Set() };
  }

  private enqueue(entry: Entry): void {
    const pass = this.request.attack.passOf(entry.state);
    const queue = this.open.get(pass);
    if (queue) queue.push(entry);
    else this.open.set(pass, [entry]);
  }

  private most(): number {
    return Math.max(0, ...[...this.open.values()].map(({ length }) => length));
  }

  /** A pass that fills a batch, or else that of the image that lags furthest behind: it catches up and shares later calls. */
  private next(): { pass: string; entries: Entry[] } {
    const least = (entries: Entry[]) => (entries.length >= predictionBatch ? -1 : Math.min(...entries.map(({ passes }) => passes)));
    const ranked = [...this.open].toSorted(([, first], [, second]) => least(first) - least(second));
    const [pass, entries] = ranked[0] as [string, Entry[]];
    const rest = entries.slice(predictionBatch);
    if (rest.length > 0) this.open.set(pass, rest);
    else this.open.delete(pass);
    return { pass, entries: entries.slice(0, predictionBatch) };
  }

  private notePart(entry: Entry, { answer, vanished, part = '' }: Finding): void {
    const { found } = this;
    const isNew = vanished === true && !entry.vanished.has(part);
    if (isNew && entry.vanished.size === 0) found.vanished += 1;
    if (isNew) entry.vanished.add(part);
    const facts = found.parts[part];
    if (!facts) return;
    if (answer === 'FOOLED') facts.fooled += 1;
    if (isNew) facts.vanished += 1;
  }

  private note(entry: Entry, finding: Finding): void {
    const { answer, loss, stuck, lowered, passes = 1 } = finding;
    const { found, request } = this;
    if (!Number.isFinite(loss))
      throw new EngineError(
        `The loss is ${loss} at pass ${entry.passes + 1} of the attack on image ${entry.member} of ${request.set.description}.`,
        weightsHint,
      );
    entry.passes += passes;
    this.notePart(entry, finding);
    if (stuck) found.stuck += 1;
    if (lowered !== undefined) found.finished += 1;
    if (lowered) found.lowered += 1;
    request.watch.advance(answer === 'OPEN' ? passes : request.passes - entry.passes + passes);
    if (answer === 'OPEN') this.enqueue(entry);
    else found.robust[entry.member] = answer === 'SURVIVED' ? 1 : 0;
    if (answer === 'FOOLED') this.possible -= 1;
  }

  async run(): Promise<Survivors> {
    const { attack, watch, least = 0 } = this.request;
    while (this.waiting.length > 0 || this.open.size > 0) {
      if (this.possible < least) return { ...this.found, ended: true };
      while (this.waiting.length > 0 && this.most() < predictionBatch) this.enqueue(this.begin(this.waiting.pop() as number));
      const { pass, entries } = this.next();
      const states = entries.map(({ state }) => state);
      const findings = await untilAborted(watch.signal, attack.advance(pass, states));
      for (const [row, entry] of entries.entries()) this.note(entry, findings[row] as Finding);
    }
    return this.found;
  }
}

/**
 * 1 for every image that survives the attack.
 * ANY_STEP: images that are misclassified clean are not attacked, and not robust. LAST_STEP: all are, whatever the clean
 * prediction. Throws EngineError where a loss is no finite number.
 */
export function findSurvivors(request: SurvivorRequest): Promise<Survivors> {
  return new Search(request).run();
}
