import type { Entry } from '../binding/native-batch.ts';
import type { Vocabulary } from '../binding/vocabulary.ts';
import type { FinalPiece, FinishReason, GenerateRequest, ModelInfo, TextPiece } from '../types.ts';
import { createSampler, logSumExp } from './sampler.ts';
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
  readonly adapter: string | null;
  readonly sink: Sink;
  cancelled = false;
  readonly #prompt: readonly number[];
  readonly #maxTokens: number;
  readonly #sample: (logits: Float32Array) => number;
  readonly #withLogprobs: boolean;
  readonly #text: StopText;
  /** True: the answer starts the text (the prompt ends with BOS), so the space in front of its first token is dropped. */
  readonly #begins: boolean;
  /** Number of prompt tokens that have been decoded. */
  #promptSent = 0;
  #next: number | null = null;
  #generated = 0;
  /** Chosen tokens that have not been emitted yet. */
  #ids: number[] = [];
  #logprobs: number[] = [];

  constructor(
    owner: number,
    sequence: number,
    request: GenerateRequest,
    prompt: readonly number[],
    sink: Sink,
    info: ModelInfo,
    vocabulary: Vocabulary,
  ) {
    const { adapter = null, maxTokens, temperature = 0, topP = 1, seed = 0, stop = [], logprobs = false } = request;
    this.owner = owner;
    this.sequence = sequence;
    this.adapter = adapter;
    this.sink = sink;
    this.#prompt = prompt;
    this.#maxTokens = Math.min(maxTokens, info.contextTokens - prompt.length);
    this.#sample = createSampler(temperature, topP, seed);
    this.#withLogprobs = logprobs;
    this.#text = new StopText(stop);
    this.#begins = prompt.at(-1) === vocabulary.bos;
  }

  /** True once the whole prompt has been decoded. */
  get answering(): boolean {
    return this.#next !== null;
  }

  /** This request's tokens in the next pass, at most `max`. */
  nextEntries(max: number): Entry[] {
    const { sequence } = this;
    if (this.#next !== null) {
      return [{ token: this.#next, position: this.#prompt.length + this.#generated - 1, sequence, output: true }];
    }
    const from = this.#promptSent;
    const part = this.#prompt.slice(from, from + max);
    this.#promptSent += part.length;
    return part.map((token, at) => {
      const position = from + at;
      return { token, position, sequence, output: position === this.#prompt.length - 1 };
    });
  }

  /** Chooses the next token and emits the text that is complete. @returns Why the answer ends; null: it continues. */
  read(logits: Float32Array, vocabulary: Vocabulary): FinishReason | null {
    const token = this.#sample(logits);
    if (vocabulary.isEnd(token)) return 'stop';
    this.#next = token;
    this.#ids.push(token);
    if (this.#withLogprobs) this.#logprobs.push((logits[token] as number) - logSumExp(logits));
    const bytes =
      this.#begins && this.#generated === 0 ? vocabulary.detokenize([token], false) : vocabulary.piece(token, false);
    this.#generated++;
    const text = this.#text.push(bytes);
    if (text !== '') this.#emit(text);
    if (this.#text.stopped) return 'stop';
    return this.#generated >= this.#maxTokens ? 'length' : null;
  }

  end(finishReason: FinishReason): void {
    const rest = this.#text.end();
    if (rest !== '' || this.#ids.length > 0) this.#emit(rest);
    this.sink.end({
      kind: 'end',
      finishReason,
      promptTokens: this.#prompt.length,
      completionTokens: this.#generated,
    });
  }

  #emit(text: string): void {
    this.sink.text({ kind: 'text', text, ids: this.#ids, logprobs: this.#logprobs });
    this.#ids = [];
    this.#logprobs = [];
  }
}
