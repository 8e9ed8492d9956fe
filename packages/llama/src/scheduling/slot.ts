import type { Grammar } from '../binding/grammar.ts';
import type { Model } from '../binding/model.ts';
import type { Entry } from '../binding/native-batch.ts';
import type { Vocabulary } from '../binding/vocabulary.ts';
import type { AnswerToken, FinalPiece, FinishReason, GenerateRequest, TextPiece } from '../types/answers.ts';
import { adapterKey, cacheKey } from './adapter-key.ts';
import { describeToken } from './describe-token.ts';
import { Penalties } from './penalties.ts';
import { PromptEcho } from './prompt-echo.ts';
import { sampleWithin } from './sample-within.ts';
import { createSampler, logSumExp } from './sampler.ts';
import type { Kept, Taken } from './sequence-pool.ts';
import { StopText } from './stop-text.ts';

/** Receives a request's answer. */
export interface Sink {
  text(piece: TextPiece): void;
  end(final: FinalPiece): void;
  fail(error: unknown): void;
}

/** A request that is being decoded in one sequence. */
export class Slot {
  readonly owner: number;
  readonly sequence: number;
  readonly cachedTokens: number;
  readonly adapter: string | null;
  readonly scale: number;
  /** The adapter with its scale: slots with the same one can share a pass. */
  readonly key: string | null;
  readonly #cacheKey: string;
  readonly sink: Sink;
  cancelled = false;
  readonly #prompt: readonly number[];
  readonly #maxTokens: number;
  readonly #sample: (logits: Float32Array) => number;
  readonly #penalties: Penalties;
  readonly #grammar: Grammar | null;
  readonly #withLogprobs: boolean;
  /** Number of likely tokens that are reported in each place; null: no details of tokens are reported. */
  readonly #top: number | null;
  readonly #text: StopText;
  readonly #echo: PromptEcho | null;
  /** True: the answer starts the text (the prompt ends with BOS), so the space in front of its first token is dropped. */
  readonly #begins: boolean;
  /** Number of prompt tokens that have been decoded. */
  #promptSent = 0;
  #next: number | null = null;
  /** Chosen tokens that have been decoded. */
  readonly #fed: number[] = [];
  /** Guesses that the next pass reads behind the next token, and how many of them were chosen as well. */
  #draft: readonly number[] = [];
  #accepted = 0;
  #ended = false;
  #generated = 0;
  /** Chosen tokens that have not been emitted yet. */
  #ids: number[] = [];
  #logprobs: number[] = [];
  #tokens: { readonly token: AnswerToken; readonly start: number }[] = [];
  /** UTF-8 bytes of all tokens, and of the text that was emitted. */
  #tokenBytes = 0;
  #textBytes = 0;

  constructor(
    owner: number,
    { sequence, reused }: Taken,
    request: GenerateRequest,
    prompt: readonly number[],
    sink: Sink,
    model: Model,
  ) {
    const { info, vocabulary } = model;
    const {
      adapter = null,
      adapterScale = 1,
      maxTokens,
      temperature = 0,
      seed = 0,
      stop = [],
      logprobs = false,
    } = request;
    this.owner = owner;
    this.sequence = sequence;
    this.cachedTokens = reused;
    this.#promptSent = reused;
    this.adapter = adapter;
    this.scale = adapterScale;
    this.key = adapterKey(request);
    this.#cacheKey = cacheKey(request);
    this.sink = sink;
    this.#prompt = prompt;
    this.#maxTokens = Math.min(maxTokens, info.contextTokens - prompt.length);
    this.#sample = createSampler({ ...request, temperature, seed });
    this.#penalties = new Penalties(request, prompt);
    this.#grammar = request.grammar === undefined ? null : model.openGrammar(request.grammar);
    this.#withLogprobs = logprobs;
    this.#top = request.topLogprobs ?? null;
    this.#text = new StopText(stop);
    this.#echo = request.echo ? new PromptEcho(request, prompt, vocabulary) : null;
    this.#begins = prompt.at(-1) === vocabulary.bos;
  }

  /** True once the whole prompt has been decoded. */
  get answering(): boolean {
    return this.#next !== null;
  }

  /** What the sequence's cache holds after the passes so far. */
  get decoded(): Kept {
    return { key: this.#cacheKey, tokens: [...this.#prompt.slice(0, this.#promptSent), ...this.#fed] };
  }

  /** Tokens in the sequence's cache, without guesses. */
  get cacheLength(): number {
    return this.#promptSent + this.#fed.length;
  }

  /** Most tokens of prompt and answer. */
  get mostTokens(): number {
    return this.#prompt.length + this.#maxTokens;
  }

  /** Tokens of a running answer in the next pass. */
  get rows(): number {
    return this.#next === null ? 0 : 1 + this.#draft.length;
  }

  /** Tokens of prompt and answer up to the next one. */
  get textLength(): number {
    return this.#prompt.length + this.#fed.length + Number(this.#next !== null);
  }

  /** Writes prompt and answer from a place on, up to the next token. */
  copyTokens(into: Int32Array, from: number): void {
    const length = this.#prompt.length + this.#fed.length;
    for (let at = from; at < length; at++) {
      into[at] = (at < this.#prompt.length ? this.#prompt[at] : this.#fed[at - this.#prompt.length]) as number;
    }
    if (this.#next !== null) into[length] = this.#next;
  }

  /** Sets guesses for the next pass. `settle` ends it. */
  propose(draft: readonly number[]): void {
    this.#draft = draft;
    this.#accepted = 0;
  }

  /** True: each token of its prompt in a pass has logits, of which a pass has only so many. */
  get echoing(): boolean {
    return !this.answering && this.#echo?.measured === true;
  }

  /** Whether the logits of this place are wanted: not behind a guess that was refused or that ended the answer. */
  expects(position: number): boolean {
    return this.#inPrompt(position) || position === this.#prompt.length + this.#fed.length - 1;
  }

  /** Whether the logits of this place tell about the prompt and choose no token. */
  #inPrompt(position: number): boolean {
    return this.#echo?.measured === true && position < this.#prompt.length - 1;
  }

  /** Forgets the guesses of a pass. @returns How many there were, how many were chosen, and whether the answer ended within. */
  settle(): { drafted: number; accepted: number; ended: boolean } {
    const counts = { drafted: this.#draft.length, accepted: this.#accepted, ended: this.#ended };
    this.#draft = [];
    return counts;
  }

  /** This request's tokens in the next pass, at most `max` of its prompt. */
  nextEntries(max: number): Entry[] {
    const { sequence } = this;
    if (this.#next !== null) {
      this.#fed.push(this.#next);
      const first = this.#prompt.length + this.#generated - 1;
      const next = { token: this.#next, position: first, sequence, output: true };
      if (this.#draft.length === 0) return [next];
      return [next, ...this.#draft.map((token, at) => ({ token, position: first + 1 + at, sequence, output: true }))];
    }
    const from = this.#promptSent;
    const part = this.#prompt.slice(from, from + max);
    this.#promptSent += part.length;
    return part.map((token, at) => {
      const position = from + at;
      const last = position === this.#prompt.length - 1;
      return { token, position, sequence, output: last || this.#inPrompt(position) };
    });
  }

  /**
   * Chooses the next token and emits the text that is complete.
   *
   * @param logits - Of the token at this position. They are changed in place, by penalties.
   * @returns Why the answer ends; null: it continues.
   */
  read(logits: Float32Array, position: number, vocabulary: Vocabulary): FinishReason | null {
    if (this.#inPrompt(position)) {
      this.#echo?.read(logits, position);
      return null;
    }
    if (this.#echo !== null && !this.answering) {
      this.sink.text(this.#echo.piece());
      if (this.#maxTokens === 0) return 'length';
    }
    const measured = this.#withLogprobs || this.#top !== null;
    const sum = measured ? logSumExp(logits) : 0;
    const changed = this.#penalties.any || this.#grammar !== null;
    const plain = measured && changed ? logits.slice() : logits;
    this.#penalties.apply(logits);
    const token = this.#grammar ? sampleWithin(this.#grammar, this.#sample, logits) : this.#sample(logits);
    if (token === null || vocabulary.isEnd(token)) {
      // Who asks for the prompt's probabilities counts on one more token than the prompt has.
      if (token !== null && this.#echo?.measured) this.#describe(token, new Uint8Array(), plain, sum, vocabulary);
      return 'stop';
    }
    this.#grammar?.accept(token);
    this.#penalties.add(token);
    this.#next = token;
    this.#ids.push(token);
    if (this.#withLogprobs) this.#logprobs.push((plain[token] as number) - sum);
    const bytes =
      this.#begins && this.#generated === 0 ? vocabulary.detokenize([token], false) : vocabulary.piece(token, false);
    if (this.#top !== null) this.#describe(token, bytes, plain, sum, vocabulary);
    this.#generated++;
    const text = this.#text.push(bytes);
    if (this.#text.stopped) {
      // Tokens of the stop text are no part of the answer. A token that is so only in part stays.
      const end = this.#textBytes + Buffer.byteLength(text);
      this.#tokens = this.#tokens.filter(({ start }) => start < end);
    }
    if (text !== '') this.#emit(text);
    if (this.#text.stopped) return 'stop';
    if (this.#generated >= this.#maxTokens) return 'length';
    if (token === this.#draft[this.#accepted]) {
      // The pass has read it already.
      this.#fed.push(token);
      this.#accepted++;
    }
    return null;
  }

  end(finishReason: FinishReason): void {
    this.#ended = true;
    const rest = this.#text.end();
    if (rest !== '' || this.#ids.length > 0 || this.#tokens.length > 0) this.#emit(rest);
    this.sink.end({
      kind: 'end',
      finishReason,
      stopText: this.#text.found,
      promptTokens: this.#prompt.length,
      cachedTokens: this.cachedTokens,
      completionTokens: this.#generated,
    });
  }

  /** Frees what the request holds in native memory. */
  free(): void {
    this.#grammar?.free();
  }

  #describe(id: number, bytes: Uint8Array, logits: Float32Array, sum: number, vocabulary: Vocabulary): void {
    const token = describeToken({ id, bytes, top: this.#top ?? 0 }, logits, vocabulary, sum);
    this.#tokens.push({ token, start: this.#tokenBytes });
    this.#tokenBytes += bytes.length;
  }

  #emit(text: string): void {
    const tokens = this.#top === null ? {} : { tokens: this.#tokens.map(({ token }) => token) };
    this.sink.text({ kind: 'text', text, ids: this.#ids, logprobs: this.#logprobs, ...tokens });
    this.#textBytes += Buffer.byteLength(text);
    this.#ids = [];
    this.#logprobs = [];
    this.#tokens = [];
  }
}
