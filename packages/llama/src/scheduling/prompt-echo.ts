import type { Vocabulary } from '../binding/vocabulary.ts';
import type { AnswerToken, GenerateRequest, TextPiece } from '../types/answers.ts';
import { describeToken } from './describe-token.ts';

/** Whether a prompt is read whole, with the logits of each of its tokens: then nothing of it may come from the cache. */
export function readsWhole({ echo = false, topLogprobs }: GenerateRequest): boolean {
  return echo && topLogprobs !== undefined;
}

/** The prompt as the beginning of its answer's text, with the probability of each token where tokens are described. */
export class PromptEcho {
  /** True: the logits behind every token of the prompt are wanted. */
  readonly measured: boolean;
  readonly #prompt: readonly number[];
  readonly #top: number;
  readonly #vocabulary: Vocabulary;
  readonly #tokens: AnswerToken[] = [];

  constructor(request: GenerateRequest, prompt: readonly number[], vocabulary: Vocabulary) {
    this.measured = readsWhole(request);
    this.#prompt = prompt;
    this.#top = request.topLogprobs ?? 0;
    this.#vocabulary = vocabulary;
    // Nothing stands before the first token that could make it likely.
    if (this.measured) this.#tokens.push({ id: prompt[0] as number, bytes: this.#bytes(0), logprob: null, top: [] });
  }

  /** Describes the token behind a place. @param logits - Of the token at this place. */
  read(logits: Float32Array, place: number): void {
    const at = place + 1;
    const token = { id: this.#prompt[at] as number, bytes: this.#bytes(at), top: this.#top };
    this.#tokens.push(describeToken(token, logits, this.#vocabulary));
  }

  piece(): TextPiece {
    const bytes = Buffer.concat(this.#prompt.map((_, at) => this.#bytes(at)));
    const tokens = this.measured ? { tokens: this.#tokens } : {};
    return { kind: 'text', text: bytes.toString('utf8'), ids: [], logprobs: [], ...tokens };
  }

  /** The token that marks the beginning of a text is no part of the text; a text begins without the space in front of its first token. */
  #bytes(at: number): Uint8Array {
    const token = this.#prompt[at] as number;
    const { bos } = this.#vocabulary;
    if (at === 0 && token === bos) return new Uint8Array();
    const begins = at === 0 || (at === 1 && this.#prompt[0] === bos);
    return begins ? this.#vocabulary.detokenize([token], true) : this.#vocabulary.piece(token, true);
  }
}
