import { CogumiError } from '@cogumi/contracts';
import { adapterUnknown, BATCH_TOKENS, type Model } from '../binding/model.ts';
import type { Entry } from '../binding/native-batch.ts';
import type { FinishReason, GenerateRequest } from '../types.ts';
import { checkPrompt } from './check-prompt.ts';
import { type Sink, Slot } from './slot.ts';

/**
 * How long an adapter keeps its turn while another one waits. Each switch makes llama.cpp plan its graphs anew, about
 * 0.5 ms for 5 layers where a pass takes 1 (measured, README); twenty of them are hardly seen by who waits.
 */
const TURN_MS = 20;
/** The same for lists, which must not depend on time. */
const TURN_PASSES = 16;

interface Waiting {
  readonly owner: number;
  /** Decoded without anything else beside the requests of the same owner. */
  readonly alone: boolean;
  readonly request: GenerateRequest;
  readonly prompt: readonly number[];
  readonly sink: Sink;
}

/**
 * Continuous batching over a fixed number of sequences; requests get a free one in the order they came.
 *
 * llama.cpp sets adapters per context, so the sequences of a pass share one: requests with different adapters take turns,
 * each with its own cache, and none waits for another to end.
 *
 * Rounding depends on how many tokens are decoded together. A list (`addAll`) therefore waits until everything before it
 * has ended, begins with an empty cache and has the model to itself: the same list gives the same answers, bit by bit.
 * Answers of a busy server may differ in the last bits of a logit, and so now and then in a token, from those of an idle one.
 */
export class Scheduler {
  readonly #model: Model;
  readonly #slots = new Set<Slot>();
  readonly #queue: Waiting[] = [];
  readonly #free: number[];
  /** Owner of the list that has the model to itself. */
  #alone: number | null = null;
  #turn: string | null = null;
  #turnPasses = 0;
  #turnBegan = 0;

  constructor(model: Model, sequences: number) {
    this.#model = model;
    this.#free = Array.from({ length: sequences }, (_, at) => at);
  }

  get idle(): boolean {
    return this.#slots.size === 0 && this.#queue.length === 0;
  }

  add(owner: number, request: GenerateRequest, sink: Sink): void {
    this.#queue.push({ owner, alone: false, request, prompt: this.#prompt(request), sink });
  }

  /** All are refused when one of them cannot be decoded. */
  addAll(owner: number, requests: readonly (readonly [request: GenerateRequest, sink: Sink])[]): void {
    const waiting = requests.map(([request, sink]) => ({
      owner,
      alone: true,
      request,
      prompt: this.#prompt(request),
      sink,
    }));
    this.#queue.push(...waiting);
  }

  cancel(owner: number): void {
    for (const slot of this.#slots) if (slot.owner === owner) slot.cancelled = true;
    for (const entry of this.#queue.filter((waiting) => waiting.owner === owner)) {
      this.#queue.splice(this.#queue.indexOf(entry), 1);
      const promptTokens = entry.prompt.length;
      entry.sink.end({ kind: 'end', finishReason: 'cancelled', promptTokens, completionTokens: 0 });
    }
  }

  /** Admits what fits and makes one pass for one adapter. */
  step(): void {
    for (const slot of this.#slots) if (slot.cancelled) this.#finish(slot, 'cancelled');
    this.#admit();
    const adapter = this.#nextTurn();
    const slots = [...this.#slots].filter((slot) => slot.adapter === adapter);
    if (slots.length === 0) return;
    const entries = this.#feed(slots);
    this.#model.useAdapter(adapter);
    this.#model.decode(entries, false);
    entries.forEach(({ output, sequence }, place) => {
      if (!output) return;
      const slot = slots.find((candidate) => candidate.sequence === sequence) as Slot;
      const reason = slot.read(this.#model.logits(place), this.#model.vocabulary);
      if (reason !== null) this.#finish(slot, reason);
    });
  }

  /** Ends everything with an error, after a pass that failed. */
  failAll(error: unknown): void {
    for (const { sink } of [...this.#slots, ...this.#queue]) sink.fail(error);
    for (const { sequence } of this.#slots) this.#release(sequence);
    this.#slots.clear();
    this.#queue.length = 0;
  }

  #prompt(request: GenerateRequest): readonly number[] {
    const { adapter = null, maxTokens, prompt } = request;
    const { info, vocabulary } = this.#model;
    if (adapter !== null && !info.adapters.includes(adapter)) throw adapterUnknown(adapter, info.adapters);
    if (!(maxTokens >= 1)) {
      throw new CogumiError('MAX_TOKENS', `${maxTokens} tokens cannot be generated.`, 'Ask for at least one.');
    }
    const ids = typeof prompt === 'string' ? vocabulary.tokenize(prompt, true, false) : prompt;
    checkPrompt(info, ids, 1);
    return ids;
  }

  #admit(): void {
    while (this.#free.length > 0) {
      const next = this.#queue[0];
      if (!next) return;
      const alone = next.alone ? next.owner : null;
      if (this.#slots.size > 0 && this.#alone !== alone) return;
      if (this.#slots.size === 0 && this.#alone !== alone) this.#begin(alone);
      this.#queue.shift();
      const sequence = this.#free.shift() as number;
      const { info, vocabulary } = this.#model;
      this.#slots.add(new Slot(next.owner, sequence, next.request, next.prompt, next.sink, info, vocabulary));
    }
  }

  #begin(alone: number | null): void {
    this.#alone = alone;
    if (alone === null) return;
    this.#model.forgetAll();
    this.#turn = null;
    this.#turnPasses = 0;
  }

  /** Adapters in use take turns in a fixed order. */
  #nextTurn(): string | null {
    const inUse = [...new Set([...this.#slots].map(({ adapter }) => adapter))].sort();
    const at = inUse.indexOf(this.#turn);
    const over =
      this.#alone === null ? performance.now() - this.#turnBegan >= TURN_MS : this.#turnPasses >= TURN_PASSES;
    if (at === -1 || over) {
      this.#turn = inUse[(at + 1) % inUse.length] ?? null;
      this.#turnPasses = 0;
      this.#turnBegan = performance.now();
    }
    this.#turnPasses++;
    return this.#turn;
  }

  /** Answers under way get one token each, prompts share what is left; in the order of sequences, as llama.cpp likes it. */
  #feed(slots: readonly Slot[]): Entry[] {
    let left = BATCH_TOKENS - slots.filter(({ answering }) => answering).length;
    return slots
      .toSorted((one, other) => one.sequence - other.sequence)
      .flatMap((slot) => {
        if (slot.answering) return slot.feed(1);
        const entries = slot.feed(left);
        left -= entries.length;
        return entries;
      });
  }

  #finish(slot: Slot, reason: FinishReason): void {
    this.#slots.delete(slot);
    this.#release(slot.sequence);
    slot.end(reason);
  }

  #release(sequence: number): void {
    this.#model.forget(sequence);
    this.#free.push(sequence);
    this.#free.sort((left, right) => left - right);
  }
}
