import type { Message } from '@cogumi/contracts';

/**
 * The scores of one item by their names, such as `strict-match` or `acc`; each is 0 to 1, mostly one of the two, or a list of these for a score that counts parts of
 * items, such as instructions.
 */
export type Scores = Readonly<Record<string, number | readonly number[]>>;

/** How an answer is drawn. */
export interface Sampling {
  readonly temperature: number;
  /** Nucleus, 0..1. */
  readonly topP: number;
  readonly seed: number;
}

/** A text that is continued until one of the stop texts. */
export interface GenerationRequest {
  readonly kind: 'generate';
  readonly prompt: string;
  /** Texts that end the answer and are not part of it. */
  readonly stop: readonly string[];
  readonly maxTokens: number;
  /** Left out: always the most likely token. */
  readonly sampling?: Sampling;
}

/** A conversation that the model answers in its own chat format. */
export interface ChatRequest {
  readonly kind: 'chat';
  /** The last message is the user's. */
  readonly messages: readonly Message[];
  readonly maxTokens: number;
  /** Left out: always the most likely token. */
  readonly sampling?: Sampling;
}

/** Texts of which the model says how likely each is behind the context. */
export interface ChoiceRequest {
  readonly kind: 'choose';
  readonly context: string;
  readonly choices: readonly string[];
}

interface ItemFields {
  /** Unique in its task. */
  readonly id: string;
  /** Part of the task that is reported for itself, such as a subject; null: it has none. */
  readonly group: string | null;
}

export interface GenerationItem extends ItemFields {
  readonly request: GenerationRequest;
  score(answer: string): Scores;
}

/** An item whose answer is a part of a program. */
export interface CodeItem extends ItemFields {
  readonly request: GenerationRequest;
  /** Unique in its task, unless there are several answers to one problem. */
  readonly problem: string;
  /** The answer as a program in Python with its tests; the answer is right if it ends without an error. */
  program(answer: string): string;
}

export interface ChoiceItem extends ItemFields {
  readonly request: ChoiceRequest;
  /** @param logLikelihoods - One for each choice; natural logarithms. */
  score(logLikelihoods: readonly number[]): Scores;
}

/** One question of a benchmark: what the model is asked, and how its answer is scored. */
export type Item = GenerationItem | CodeItem | ChoiceItem;

/** A benchmark that is ready to be asked. */
export interface Task {
  readonly name: string;
  /** The task of lm-eval whose prompts and scores these are, with the version that it gives itself; null: it has none. */
  readonly harness: { readonly task: string; readonly version: number } | null;
  /** Examples before each question. */
  readonly shots: number;
  /** The metric of lm-eval whose names of items' scores are ways to read an answer; null: their names are metrics themselves. */
  readonly metric: 'exact_match' | null;
  readonly items: readonly Item[];
}

export interface TaskOptions {
  /** Examples before each question; default: as lm-eval has it. */
  readonly shots?: number;
  /** The first so many items; default: all. */
  readonly limit?: number;
  /** Of a task whose answers are programs: answers to each problem; default: one, the most likely. */
  readonly samples?: number;
  /** Of several answers; default: lm-eval's. */
  readonly temperature?: number;
}

/** lm-eval's `max_gen_toks` where a task sets none. */
export const MAX_ANSWER_TOKENS = 256;
