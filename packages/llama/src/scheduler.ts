import { CogumiError } from '@cogumi/contracts';
import { BATCH_TOKENS, type Entry, type Model } from './model.ts';
import { createSampler } from './sampler.ts';
import { StopText } from './stop-text.ts';
import type { FinalPiece, FinishReason, GenerateRequest } from './types.ts';

/** Where a request's answer goes. */
export interface Sink {
  text(text: string): void;
  end(final: FinalPiece): void;
  fail(error: unknown): void;
}

interface Slot {
  readonly sink: Sink;
  readonly adapter: string | null;
  readonly sequence: number;
  readonly prompt: readonly number[];
  readonly maxTokens: number;
  readonly sample: (logits: Float32Array) => number;
  readonly out: StopText;
  fed: number;
  next: number | null;
  made: number;
  cancelled: boolean;
}

interface Waiting {
  readonly id: number;
  readonly request: GenerateRequest;
  readonly prompt: readonly number[];
  readonly sink: Sink;
}

/**
 * Continuous batching over a fixed number of sequences. llama.cpp sets adapters per context, so the sequences of a pass
 * share one: requests with different adapters take turns pass by pass, each with its own cache, and none waits for
 * another to end. Rounding depends on what is decoded together, so a fixed list of requests in a fixed order gives fixed
 * answers, while answers of a busy server may differ in the last bit from those of an idle one.
 */
export class Scheduler {
  readonly #model: Model;
  readonly #slots = new Map<number, Slot>();
  readonly #queue: Waiting[] = [];
  readonly #free: number[];
  /** Whose turn the last pass was. */
  #turn: string | null = null;

  constructor(model: Model, sequences: number) {
    this.#model = model;
    this.#free = Array.from({ length: sequences }, (_, at) => at);
  }

  get idle(): boolean {
    return this.#slots.size === 0 && this.#queue.length === 0;
  }

  add(id: number, request: GenerateRequest, sink: Sink): void {
    try {
      const { prompt } = request;
      const ids = typeof prompt === 'string' ? this.#model.tokenize(prompt, true) : prompt;
      this.#check(ids, request);
      this.#queue.push({ id, request, prompt: ids, sink });
    } catch (error) {
      sink.fail(error);
    }
  }

  cancel(id: number): void {
    const slot = this.#slots.get(id);
    if (slot) slot.cancelled = true;
    const waiting = this.#queue.findIndex((entry) => entry.id === id);
    if (waiting === -1) return;
    const [entry] = this.#queue.splice(waiting, 1);
    entry?.sink.end({ kind: 'end', finishReason: 'cancelled', promptTokens: entry.prompt.length, completionTokens: 0 });
  }

  /** Admits what fits and makes one pass for one adapter. */
  step(): void {
    for (const [id, slot] of this.#slots) if (slot.cancelled) this.#finish(id, slot, 'cancelled');
    this.#admit();
    const adapter = this.#nextTurn();
    const entries: Entry[] = [];
    const readers: { id: number; slot: Slot; place: number }[] = [];
    for (const [id, slot] of this.#slots) if (slot.adapter === adapter) this.#feed(id, slot, entries, readers);
    if (entries.length === 0) return;
    this.#model.useAdapter(adapter);
    this.#model.decode(entries, false);
    for (const { id, slot, place } of readers) this.#read(id, slot, slot.sample(this.#model.logits(place)));
  }

  /** Adapters in use take turns in a fixed order. */
  #nextTurn(): string | null {
    const inUse = [...new Set(this.#slots.values().map(({ adapter }) => adapter))].sort();
    this.#turn = inUse[(inUse.indexOf(this.#turn) + 1) % inUse.length] ?? null;
    return this.#turn;
  }

  #check(prompt: readonly number[], { adapter = null, maxTokens }: GenerateRequest): void {
    const { contextTokens, adapters, vocabularySize } = this.#model.info;
    if (adapter !== null && !adapters.includes(adapter)) {
      throw new CogumiError(
        'ADAPTER_UNKNOWN',
        `No adapter is called "${adapter}"; there are: ${adapters.join(', ') || 'none'}.`,
        'Choose one of them.',
      );
    }
    if (prompt.length === 0) throw new CogumiError('PROMPT_EMPTY', 'The prompt has no token.', 'Say something.');
    if (prompt.some((id) => !Number.isInteger(id) || id < 0 || id >= vocabularySize)) {
      throw new CogumiError(
        'TOKEN_UNKNOWN',
        `The prompt has a token outside 0 to ${vocabularySize - 1}.`,
        'Tokenize with this model.',
      );
    }
    if (prompt.length + 1 > contextTokens) {
      throw new CogumiError(
        'CONTEXT_TOO_SMALL',
        `The prompt has ${prompt.length} tokens; the context holds ${contextTokens}, the answer included.`,
        'Shorten the prompt or the conversation.',
      );
    }
    if (maxTokens < 1)
      throw new CogumiError('MAX_TOKENS', `${maxTokens} tokens cannot be generated.`, 'Ask for at least one.');
  }

  #admit(): void {
    while (this.#free.length > 0) {
      const next = this.#queue.shift();
      if (!next) return;
      const { temperature = 0, topP = 1, seed = 0, stop = [], maxTokens } = next.request;
      const sequence = this.#free.shift() as number;
      this.#model.forget(sequence);
      this.#slots.set(next.id, {
        sink: next.sink,
        adapter: next.request.adapter ?? null,
        sequence,
        prompt: next.prompt,
        maxTokens: Math.min(maxTokens, this.#model.info.contextTokens - next.prompt.length),
        sample: createSampler(temperature, topP, seed),
        out: new StopText(stop),
        fed: 0,
        next: null,
        made: 0,
        cancelled: false,
      });
    }
  }

  #feed(id: number, slot: Slot, entries: Entry[], readers: { id: number; slot: Slot; place: number }[]): void {
    const { sequence, prompt } = slot;
    if (slot.next !== null && entries.length < BATCH_TOKENS) {
      readers.push({ id, slot, place: entries.length });
      entries.push({ token: slot.next, position: prompt.length + slot.made - 1, sequence, output: true });
      return;
    }
    while (slot.next === null && slot.fed < prompt.length && entries.length < BATCH_TOKENS) {
      const last = slot.fed === prompt.length - 1;
      if (last) readers.push({ id, slot, place: entries.length });
      entries.push({ token: prompt[slot.fed] as number, position: slot.fed, sequence, output: last });
      slot.fed++;
    }
  }

  #read(id: number, slot: Slot, token: number): void {
    if (this.#model.isEnd(token)) return this.#finish(id, slot, 'stop');
    slot.made++;
    slot.next = token;
    const text = slot.out.push(this.#model.piece(token, false));
    if (text !== '') slot.sink.text(text);
    if (slot.out.stopped) this.#finish(id, slot, 'stop');
    else if (slot.made >= slot.maxTokens) this.#finish(id, slot, 'length');
  }

  #finish(id: number, slot: Slot, finishReason: FinishReason): void {
    this.#slots.delete(id);
    this.#model.forget(slot.sequence);
    this.#free.push(slot.sequence);
    this.#free.sort((left, right) => left - right);
    const rest = slot.out.end();
    if (rest !== '') slot.sink.text(rest);
    slot.sink.end({ kind: 'end', finishReason, promptTokens: slot.prompt.length, completionTokens: slot.made });
  }

  /** Ends everything with an error, after a pass that failed. */
  failAll(error: unknown): void {
    for (const { sink } of [...this.#slots.values(), ...this.#queue]) sink.fail(error);
    for (const { sequence } of this.#slots.values()) {
      this.#model.forget(sequence);
      this.#free.push(sequence);
    }
    this.#slots.clear();
    this.#queue.length = 0;
  }
}
