import type { GenerateRequest } from '../types/answers.ts';

type Options = Pick<GenerateRequest, 'frequencyPenalty' | 'presencePenalty' | 'repetitionPenalty' | 'logitBias'>;

/**
 * Changes logits by what a request asks for: biases of single tokens, and penalties for tokens that stood before. Frequency and
 * presence count the answer, as in OpenAI's API; the repetition penalty also counts the prompt, as in transformers and vLLM.
 */
export class Penalties {
  readonly #frequency: number;
  readonly #presence: number;
  readonly #repetition: number;
  readonly #bias: readonly (readonly [number, number])[];
  readonly #seen: Set<number>;
  /** False: nothing is ever changed. */
  readonly any: boolean;
  /** How often the answer has each token. */
  readonly #counts = new Map<number, number>();

  constructor(options: Options, prompt: readonly number[]) {
    this.#frequency = options.frequencyPenalty ?? 0;
    this.#presence = options.presencePenalty ?? 0;
    this.#repetition = options.repetitionPenalty ?? 1;
    this.#bias = options.logitBias ?? [];
    this.#seen = new Set(this.#repetition === 1 ? [] : prompt);
    this.any = this.#frequency !== 0 || this.#presence !== 0 || this.#repetition !== 1 || this.#bias.length > 0;
  }

  /** Changes the logits in place. */
  apply(logits: Float32Array): void {
    for (const token of this.#seen) {
      const logit = logits[token] as number;
      logits[token] = logit > 0 ? logit / this.#repetition : logit * this.#repetition;
    }
    for (const [token, count] of this.#counts) logits[token]! -= this.#presence + count * this.#frequency;
    for (const [token, bias] of this.#bias) logits[token]! += bias;
  }

  /** Counts a token of the answer. */
  add(token: number): void {
    if (this.#repetition !== 1) this.#seen.add(token);
    if (this.#frequency !== 0 || this.#presence !== 0) this.#counts.set(token, (this.#counts.get(token) ?? 0) + 1);
  }
}
