import type { AdapterState } from '../binding/adapters.ts';
import { BATCH_TOKENS, type Model } from '../binding/model.ts';
import type { Entry } from '../binding/native-batch.ts';
import type { FinishReason, GenerateRequest } from '../types/answers.ts';
import type { Decisions, MixingReport, SpeculationReport } from '../types/decisions.ts';
import { AdapterTurns } from './adapter-turns.ts';
import { checkRequest } from './check-request.ts';
import { expectedParts } from './expected-parts.ts';
import { fillPass } from './fill-pass.ts';
import { ListBeginning } from './list-beginning.ts';
import { MixedPasses } from './mixed-passes.ts';
import { type LogitsRequest, PromptCache, type ReadOn } from './prompt-cache.ts';
import { PromptShare } from './prompt-share.ts';
import { type Sink, Slot } from './slot.ts';
import type { DraftSource } from './speculation/draft-source.ts';
import { Speculation } from './speculation/speculation.ts';
import { endUnread, type Waiting } from './waiting.ts';

export interface SchedulerOptions {
  readonly beginning?: readonly number[];
  readonly sources?: readonly DraftSource[] | undefined;
  readonly onLoaded?: () => void;
  readonly share?: PromptShare;
}

/**
 * Continuous batching over a fixed number of sequences. Requests get a free sequence in order of arrival; one whose adapter is being
 * loaded lets others go first.
 *
 * llama.cpp sets the adapter per context. Requests with different adapters are decoded in mixed passes (`adapter-mixer.ts`), or they take
 * turns: each keeps its cache, and none waits for another to end.
 *
 * A sequence keeps its cache after its request, so that the next turn of a conversation reads only what is new.
 *
 * Rounding depends on how many tokens are decoded together. A list (`addAll`) therefore waits until all earlier requests have
 * ended, starts with an empty cache and excludes other requests: the same list gives the same answers, bit by bit. On a busy
 * server the last bits of a logit, and so rarely a token, may differ from an idle server.
 */
export class Scheduler {
  readonly #model: Model;
  readonly #slots = new Set<Slot>();
  readonly #queue: Waiting[] = [];
  /** The sequences. Others may use them while nothing runs. */
  readonly cache: PromptCache;
  /** Owner of the list that excludes other requests; null: no list runs. */
  #exclusive: number | null = null;
  readonly #turns = new AdapterTurns();
  readonly #mixed: MixedPasses;
  readonly #speculation: Speculation;
  readonly #share: PromptShare;
  #waiting = false;

  /**
   * @param mixing - Whether requests with different adapters may share a pass.
   * @param speculation - Whether answers are drafted. Lists never are: their passes must not depend on what was measured.
   * @param options - `beginning`: tokens that prompts begin with. `sources`: of drafts. `onLoaded`: called when `step` has
   * something to do again after `waiting`. `share`: how much of prompts a pass reads while answers are made.
   */
  constructor(
    model: Model,
    sequences: number,
    mixing: MixingReport,
    speculation: SpeculationReport,
    { beginning = [], sources, onLoaded = () => {}, share = new PromptShare() }: SchedulerOptions = {},
  ) {
    this.#model = model;
    this.#mixed = new MixedPasses(model, mixing);
    this.#speculation = new Speculation(model, speculation, sources);
    this.#share = share;
    this.cache = new PromptCache(model, sequences, beginning);
    model.adapters.onSettled((adapter, error) => {
      if (error !== null) this.#failWaiting(adapter, error);
      onLoaded();
    });
  }

  /** Whether passes are mixed, which is turned off for good when one fails, and whether answers are drafted. */
  get reports(): { mixing: MixingReport; speculation: SpeculationReport } {
    return { mixing: this.#mixed.report, speculation: this.#speculation.report };
  }

  /** What was decided since, while nothing runs. @param sources - Of drafts, if that was decided. */
  decide({ mixing, speculation }: Decisions, sources: readonly DraftSource[] = []): void {
    if (mixing) this.#mixed.decide(mixing);
    if (speculation) this.#speculation.decide(speculation, sources);
  }

  get drafts(): Speculation['counts'] {
    return this.#speculation.counts;
  }

  get idle(): boolean {
    return this.#slots.size === 0 && this.#queue.length === 0;
  }

  /** True: all requests wait until an adapter is loaded. */
  get waiting(): boolean {
    return this.#waiting;
  }

  /** @throws CogumiError ADAPTER_UNKNOWN, ADAPTER_SCALE, MAX_TOKENS, PROMPT_EMPTY, TOKEN_UNKNOWN; ContextTooSmallError. */
  add(owner: number, request: GenerateRequest, sink: Sink): void {
    this.#queue.push({ owner, exclusive: false, ...this.#checked(request, sink) });
  }

  /**
   * Adds a list.
   *
   * @param shared - Whether what all prompts begin with is read once.
   * @throws as `add`: one wrong request refuses the whole list.
   */
  addAll(owner: number, requests: readonly (readonly [request: GenerateRequest, sink: Sink])[], shared = false): void {
    const waiting = requests.map(([request, sink]) => ({ owner, exclusive: true, ...this.#checked(request, sink) }));
    const prompts = waiting.map(({ prompt }) => prompt);
    const beginning = shared ? { beginning: new ListBeginning(this.#model, prompts) } : {};
    this.#queue.push(...waiting.map((entry) => ({ ...entry, ...beginning })));
  }

  #checked(request: GenerateRequest, sink: Sink) {
    return { request, prompt: checkRequest(this.#model, request), sink };
  }

  /** Measures a prompt between two passes. A request of the same salt for the same prompt then finds it in the cache. */
  inspect(tokens: readonly number[], cacheSalt?: string): ReturnType<PromptCache['inspect']> {
    // While a list runs, nothing is left behind.
    return this.cache.inspect(tokens, this.#exclusive === null || this.idle ? cacheSalt : null);
  }

  /** What layers of the base make of a prompt (`layer-means.ts`), between two passes. */
  layerMeans(tokens: readonly number[], layers: readonly number[], readOn: ReadOn): readonly Float32Array[] {
    const left = this.#exclusive === null || this.idle;
    return this.cache.layerMeans(tokens, layers, left ? readOn : { ...readOn, cacheSalt: null });
  }

  /** Logits of the tokens of a prompt from one on, shape [tokens, vocabulary], row-major. */
  logits(tokens: readonly number[], options: LogitsRequest): Float32Array {
    return this.cache.logits(tokens, options);
  }

  cancel(owner: number): void {
    for (const slot of this.#slots) if (slot.owner === owner) slot.cancelled = true;
    for (const entry of this.#queue.filter((waiting) => waiting.owner === owner)) {
      this.#queue.splice(this.#queue.indexOf(entry), 1);
      endUnread(entry);
    }
  }

  /** Admits waiting requests to free sequences and runs one pass: of all that are being decoded, or of one adapter. */
  step(): void {
    for (const slot of this.#slots) if (slot.cancelled) this.#finish(slot, 'cancelled');
    this.#admit();
    // Lists take turns and are not drafted: their passes must not depend on what was measured.
    const free = this.#exclusive === null;
    const mixed = free && this.#mixed.possible(this.#slots, () => this.cache.takeSpare());
    const keys = [...this.#slots].map((slot) => slot.key);
    const key = mixed ? null : this.#turns.next(keys, !free);
    const slots = [...this.#slots].filter((slot) => mixed || slot.key === key);
    if (slots.length === 0) return;
    if (free) this.#speculation.propose(slots);
    const waited = free && [...this.#slots].some(({ answering }) => answering);
    const entries = fillPass(slots, waited ? this.#share.tokens : BATCH_TOKENS);
    const start = performance.now();
    if (mixed) this.#mixedPass(entries, slots);
    else this.#plainPass(entries, slots);
    this.#share.measured(entries.length, performance.now() - start);
    this.#speculation.settle();
  }

  /** Rejects all requests with an error, after a pass has failed. */
  failAll(error: unknown): void {
    for (const { sink } of [...this.#slots, ...this.#queue]) sink.fail(error);
    for (const slot of this.#slots) {
      slot.free();
      this.cache.clear(slot.sequence);
      if (slot.adapter !== null) this.#model.adapters.release(slot.adapter);
    }
    this.#slots.clear();
    this.#queue.length = 0;
    this.#speculation.forget();
  }

  #admit(): void {
    const passed: Waiting[] = [];
    // A request waits for room: those behind it must not keep the adapters that have to make it.
    let full = false;
    while (this.cache.free > 0) {
      const next = this.#queue[0];
      if (!next) break;
      const exclusive = next.exclusive ? next.owner : null;
      if (this.#slots.size > 0 && this.#exclusive !== exclusive) break;
      // A list begins when all before it have ended.
      if (exclusive !== null && passed.length > 0) break;
      if (this.#slots.size === 0 && this.#exclusive !== exclusive) this.#begin(exclusive);
      this.#queue.shift();
      const { adapter = null } = next.request;
      const state: AdapterState = adapter === null ? 'loaded' : full ? 'full' : this.#model.adapters.want(adapter);
      if (state === 'loaded') this.#start(next);
      else passed.push(next);
      full ||= state === 'full';
    }
    this.#queue.unshift(...passed);
    this.#waiting = this.#slots.size === 0 && this.#queue.length > 0;
  }

  #start(next: Waiting): void {
    const taken = this.cache.take(next);
    try {
      const slot = new Slot(
        next.owner,
        this.cache.fill(taken, next),
        next.request,
        next.prompt,
        next.sink,
        this.#model,
      );
      this.#slots.add(slot);
      if (slot.adapter !== null) this.#model.adapters.use(slot.adapter);
    } catch (error) {
      this.cache.clear(taken.sequence);
      next.sink.fail(error);
    }
  }

  /** An adapter cannot be loaded. The next request for it tries again. */
  #failWaiting(adapter: string, error: unknown): void {
    const waiting = this.#queue.filter(({ request }) => request.adapter === adapter);
    for (const entry of waiting) {
      this.#queue.splice(this.#queue.indexOf(entry), 1);
      entry.sink.fail(error);
    }
  }

  #begin(exclusive: number | null): void {
    this.#exclusive = exclusive;
    if (exclusive === null) return;
    this.cache.clearAll();
    this.#turns.forget();
  }

  /** One pass for all adapters, in the parts in which llama.cpp computes it. */
  #mixedPass(entries: readonly Entry[], slots: readonly Slot[]): void {
    const bySequence = new Map(slots.map((slot) => [slot.sequence, slot] as const));
    const mixed = entries.map((entry) => {
      const { adapter, scale } = bySequence.get(entry.sequence) as Slot;
      return { ...entry, adapter, scale };
    });
    for (const part of expectedParts(mixed, bySequence)) {
      const own = [...new Set(part.map(({ sequence }) => bySequence.get(sequence) as Slot))];
      const groups = Map.groupBy(own, ({ key }) => key);
      if (groups.size > 1 && this.#mixed.decode(part)) this.#read(part, own);
      else {
        for (const group of groups.values()) {
          const sequences = group.map(({ sequence }) => sequence);
          this.#plainPass(
            part.filter(({ sequence }) => sequences.includes(sequence)),
            group,
          );
        }
      }
    }
  }

  /** One pass for one adapter. */
  #plainPass(entries: readonly Entry[], slots: readonly Slot[]): void {
    const { adapter, scale } = slots[0] as Slot;
    this.#model.useAdapter(adapter, scale);
    this.#model.decode(entries, false);
    this.#read(entries, slots);
  }

  /** Gives the slots of a pass their logits. */
  #read(entries: readonly Entry[], slots: readonly Slot[]): void {
    entries.forEach(({ output, sequence, position }, place) => {
      if (!output) return;
      const slot = slots.find((candidate) => candidate.sequence === sequence) as Slot;
      if (!slot.expects(position)) return;
      const reason = slot.read(this.#model.logits(place), position, this.#model.vocabulary);
      if (reason !== null) this.#finish(slot, reason);
    });
  }

  #finish(slot: Slot, reason: FinishReason): void {
    this.#slots.delete(slot);
    // A list leaves nothing behind: its answers must not depend on the order in which they ended.
    if (this.#exclusive === null) this.cache.release(slot.sequence, slot.decoded);
    else this.cache.clear(slot.sequence);
    slot.free();
    if (slot.adapter !== null) this.#model.adapters.release(slot.adapter);
    slot.end(reason);
  }
}
