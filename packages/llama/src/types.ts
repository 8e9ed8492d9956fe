/** What is known of a loaded model. */
export interface ModelInfo {
  readonly architecture: string;
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  /** Tokens one sequence may hold. */
  readonly contextTokens: number;
  /** What the model was made for. */
  readonly trainContextTokens: number;
  readonly parameters: number;
  readonly chatTemplate: string | null;
  readonly bosText: string;
  readonly eosText: string;
  /** Names of control tokens (and of the unknown one), the longest first: text that a message must not bring along. */
  readonly controlTexts: readonly string[];
  readonly adapters: readonly string[];
}

export interface GenerateRequest {
  /** Text in which special tokens count as such, or token ids. Nothing is put before it. */
  readonly prompt: string | readonly number[];
  /** Name of a loaded adapter; null: the base alone. */
  readonly adapter?: string | null;
  readonly maxTokens: number;
  /** 0: always the most likely token. */
  readonly temperature?: number;
  /** Nucleus: the smallest set of tokens with this much probability. */
  readonly topP?: number;
  readonly seed?: number;
  /** Text that ends the answer and does not belong to it. */
  readonly stop?: readonly string[];
  /** Report how likely each token was; costs a pass over the vocabulary a token. */
  readonly logprobs?: boolean;
}

export type FinishReason = 'stop' | 'length' | 'cancelled';

/**
 * Part of a streamed answer. `text` holds whole characters only and nothing that may yet become a stop text, so it may
 * lag behind `ids`, the tokens chosen since the last part.
 */
export interface TextPiece {
  readonly kind: 'text';
  readonly text: string;
  readonly ids: readonly number[];
  /** One per id: natural logarithm of its probability at temperature 1; empty unless asked for. */
  readonly logprobs: readonly number[];
}

export interface FinalPiece {
  readonly kind: 'end';
  readonly finishReason: FinishReason;
  readonly promptTokens: number;
  /** Tokens chosen, without the one that ended the answer. */
  readonly completionTokens: number;
}

export type GeneratePiece = TextPiece | FinalPiece;

export interface Completion extends Omit<FinalPiece, 'kind'> {
  readonly text: string;
  readonly ids: readonly number[];
  readonly logprobs: readonly number[];
}

/** What the base makes of a prompt, from one pass over it. */
export interface Inspection {
  readonly tokens: number;
  /** exp of the mean negative log-likelihood of each token given those before it; 1 for a single token. */
  readonly perplexity: number;
  /** Mean over the tokens of the last hidden state (after the final norm), one value a width. */
  readonly mean: Float32Array;
  /** The last hidden state of the last token. */
  readonly last: Float32Array;
}

export interface OpenModelOptions {
  readonly modelPath: string;
  /** Name to path of a LoRA in GGUF. */
  readonly adapters?: Readonly<Record<string, string>>;
  /** Tokens a sequence may hold; default: what the model was made for, which is also the most. */
  readonly contextTokens?: number;
  /** Sequences decoded side by side; default 4. Each costs a cache of `contextTokens`. */
  readonly sequences?: number;
  /** Default: 1 for small models, else one a core, at most 8. */
  readonly threads?: number;
  /** Ends the model's process, at any time. */
  readonly signal?: AbortSignal;
}
