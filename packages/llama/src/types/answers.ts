export interface GenerateRequest {
  /** Text in which special tokens are parsed, or token ids. BOS is not added. */
  readonly prompt: string | readonly number[];
  /** Name of a loaded adapter; null (default): the base without an adapter. */
  readonly adapter?: string | null;
  /** Strength of the adapter, 0..4; default 1: as it was trained. */
  readonly adapterScale?: number;
  /** Only requests of the same salt find each other's prompts in the prefix cache, so that nobody learns what others ask; default: none. */
  readonly cacheSalt?: string;
  readonly maxTokens: number;
  /** 0 (default): always the most likely token. */
  readonly temperature?: number;
  /** Nucleus, 0..1, default 1: sample from the smallest set of tokens with this much probability. */
  readonly topP?: number;
  /** Sample from this many most likely tokens; 0 (default): from all. */
  readonly topK?: number;
  /** 0..1, default 0: drop tokens with less than this share of the most likely token's probability (Nguyen et al. 2024). */
  readonly minP?: number;
  /** Subtracted from the logit of each token once for every time that the answer has it; default 0. */
  readonly frequencyPenalty?: number;
  /** Subtracted from the logit of each token that the answer has; default 0. */
  readonly presencePenalty?: number;
  /** Logits of tokens of the prompt and the answer are divided by it, negative ones multiplied (Keskar et al. 2019); default 1. */
  readonly repetitionPenalty?: number;
  /** Pairs of token id and what is added to its logit. */
  readonly logitBias?: readonly (readonly [token: number, bias: number])[];
  /** Grammar in GBNF that the answer has to match, or begin to match if it ends by its length; its rule is `root`. */
  readonly grammar?: string;
  readonly seed?: number;
  /** Texts that end the answer. They are not part of it. */
  readonly stop?: readonly string[];
  /** Report the log-probability of each token. Costs one pass over the vocabulary per token. */
  readonly logprobs?: boolean;
  /** Report each token's bytes and log-probability, and as many of the most likely tokens in its place. */
  readonly topLogprobs?: number;
  /**
   * The text of the answer begins with the prompt, and `maxTokens` may be 0. With `topLogprobs` the prompt is read whole, and its tokens are
   * described as well as the token that ends the answer.
   */
  readonly echo?: boolean;
}

/** A token, its UTF-8 bytes, perhaps part of a character, and the natural logarithm of its probability at temperature 1. */
export interface TokenLogprob {
  readonly id: number;
  readonly bytes: Uint8Array;
  /** Of the model alone: before penalties, biases and the choice of likely tokens. */
  readonly logprob: number;
}

export interface AnswerToken extends Omit<TokenLogprob, 'logprob'> {
  /** As of `TokenLogprob`; null: nothing stands before the first token of an echoed prompt. */
  readonly logprob: number | null;
  /** The most likely tokens in this place, the likeliest first. */
  readonly top: readonly TokenLogprob[];
}

export type FinishReason = 'stop' | 'length' | 'cancelled';

/**
 * Part of a streamed answer. `text` has only whole characters and nothing that may still become a stop text, so it may lag
 * behind `ids`, the tokens since the last part.
 */

export interface TextPiece {
  readonly kind: 'text';
  readonly text: string;
  readonly ids: readonly number[];
  /** For each id the natural logarithm of its probability at temperature 1; empty unless `logprobs` was set. */
  readonly logprobs: readonly number[];
  /** The tokens of `ids` that belong to the answer's text; only if `topLogprobs` was set. */
  readonly tokens?: readonly AnswerToken[];
  /** Milliseconds from the piece before it of the same answer, in the model's process: several may come in one message. */
  readonly gapMs?: number;
}

export interface FinalPiece {
  readonly kind: 'end';
  readonly finishReason: FinishReason;
  /** The stop text that ended the answer; null: something else did. */
  readonly stopText: string | null;
  readonly promptTokens: number;
  /** Tokens of the prompt that an earlier request had left in the cache. */
  readonly cachedTokens: number;
  /** Generated tokens, without the token that ended the answer. */
  readonly completionTokens: number;
}

export type GeneratePiece = TextPiece | FinalPiece;

export interface Completion extends Omit<FinalPiece, 'kind'> {
  readonly text: string;
  readonly ids: readonly number[];
  readonly logprobs: readonly number[];
}

/** Measurements of a prompt from one pass of the base. */
export interface Inspection {
  readonly tokens: number;
  /** exp of the mean negative log-likelihood of each token given the tokens before it; 1 for a single token. */
  readonly perplexity: number;
  /** Mean over all tokens of the last hidden state (after the final norm), shape [hidden]. */
  readonly mean: Float32Array;
  /** Last hidden state of the last token, shape [hidden]. */
  readonly last: Float32Array;
}

/** How a router reads a prompt. */
export interface ProbeOptions {
  readonly cacheSalt?: string | undefined;
  /** True: this prompt is what will be answered, so the base reads on if the router's route is the base. */
  readonly answers: boolean;
}
