import type { Entry } from '../binding/native-batch.ts';
import type { Vocabulary } from '../binding/vocabulary.ts';
import type { FinalPiece, FinishReason, GenerateRequest, ModelInfo, TextPiece } from '../types.ts';
import { createSampler, logSumExp } from './sampler.ts';
import { StopText } from './stop-text.ts';

/** Where a request's answer goes. */
export interface Sink {
  text(piece: TextPiece): void;
  end(final: FinalPiece): void;
  fail(error: unknown): void;
}

/** A request that is being decoded, in a sequence of its own. */
export class Slot {
  readonly owner: number;
  readonly sequence: number;
  readonly adapter: string | null;
  readonly sink: Sink;
  cancelled = false;
  readonly #prompt: readonly number[];
  readonly #maxTokens: number;
  readonly #sample: (logits: Float32Array) => number;
  readonly #wantsLogprobs: boolean;
  readonly #text: StopText;
  /** Whether the answer is the beginning of a text, before which no space is shown. */
  readonly #begins: boolean;
  /** Prompt tokens given to llama.cpp. */
  #fed = 0;
  #next: number | null = null;
  #made = 0;
  /** Chosen and not yet told. */
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
    this.#wantsLogprobs = logprobs;
    this.#text = new StopText(stop);
    this.#begins = prompt.at(-1) === vocabulary.bos;
  }

  /** The prompt has been read. */
  get answering(): boolean {
    return this.#next !== null;
  }

  /** Its tokens of the next pass, at most so many. */
  feed(most: number): Entry[] {
    const { sequence } = this;
    if (this.#next !== null) {
      return [{ token: this.#next, position: this.#prompt.length + this.#made - 1, sequence, output: true }];
    }
    const from = this.#fed;
    const part = this.#prompt.slice(from, from + most);
    this.#fed += part.length;
    return part.map((token, at) => {
      const position = from + at;
      return { token, position, sequence, output: position === this.#prompt.length - 1 };
    });
  }

  /** Chooses the next token and shows what can be shown. @returns Why the answer ends here; null: it goes on. */
  read(logits: Float32Array, vocabulary: Vocabulary): FinishReason | null {
    const token = this.#sample(logits);
    if (vocabulary.isEnd(token)) return 'stop';
    this.#next = token;
    this.#ids.push(token);
    if (this.#wantsLogprobs) this.#logprobs.push((logits[token] as number) - logSumExp(logits));
    const bytes =
      this.#begins && this.#made === 0 ? vocabulary.detokenize([token], false) : vocabulary.piece(token, false);
    this.#made++;
    const text = this.#text.push(bytes);
    if (text !== '') this.#tell(text);
    if (this.#text.stopped) return 'stop';
    return this.#made >= this.#maxTokens ? 'length' : null;
  }

  end(finishReason: FinishReason): void {
    const rest = this.#text.end();
    if (rest !== '' || this.#ids.length > 0) this.#tell(rest);
    this.sink.end({
      kind: 'end',
      finishReason,
      promptTokens: this.#prompt.length,
      completionTokens: this.#made,
    });
  }

  #tell(text: string): void {
    this.sink.text({ kind: 'text', text, ids: this.#ids, logprobs: this.#logprobs });
    this.#ids = [];
    this.#logprobs = [];
  }
}
