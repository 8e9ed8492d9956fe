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
  readonly adapters: readonly string[];
}

export interface GenerateRequest {
  /** Text in which special tokens count as such, or token ids. */
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
}

export type FinishReason = 'stop' | 'length' | 'cancelled';

/** Part of a streamed answer. `text` holds whole characters only. */
export interface TextPiece {
  readonly kind: 'text';
  readonly text: string;
}

export interface FinalPiece {
  readonly kind: 'end';
  readonly finishReason: FinishReason;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export type GeneratePiece = TextPiece | FinalPiece;

export interface Completion extends Omit<FinalPiece, 'kind'> {
  readonly text: string;
}

/** What the base makes of a prompt, from one pass over it. */
export interface Inspection {
  readonly tokens: number;
  /** exp of the mean negative log-likelihood of each token given those before it; 1 for a single token. */
  readonly perplexity: number;
  /** Mean over the tokens of the last hidden state, one value a width. */
  readonly mean: Float32Array;
}

export interface OpenModelOptions {
  readonly modelPath: string;
  /** Name to path of a LoRA in GGUF. */
  readonly adapters?: Readonly<Record<string, string>>;
  /** Tokens a sequence may hold; default: what the model was made for. */
  readonly contextTokens?: number;
  /** Sequences decoded side by side. */
  readonly sequences?: number;
  readonly threads?: number;
  readonly signal?: AbortSignal;
}
