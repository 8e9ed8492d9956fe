/** What is measured of a model on the machine on which it runs. */
export type Measured = keyof Decisions;

/** What was measured of a model; absent: nothing yet. */
export interface Decisions {
  readonly threads?: Threads;
  readonly mixing?: MixingReport;
  readonly speculation?: SpeculationReport;
}

/** Where drafts come from. `lookup`: from what stood in prompt or answer before; `draft`: from a draft model. */
export const DRAFT_ORIGINS = ['lookup', 'draft'] as const;

export type DraftOrigin = (typeof DRAFT_ORIGINS)[number];

/** What speculative decoding has done. */
export interface DraftCounts {
  /** Passes of an answer with drafted tokens. */
  readonly drafts: number;
  readonly draftedTokens: number;
  /** Of them those that were compared with what the model chose: not those behind a refused one, or behind the end of an answer. */
  readonly comparedTokens: number;
  readonly acceptedTokens: number;
}

/** Threads of a pass over one token, and of a pass over several: prompts, and answers side by side. */
export interface Threads {
  readonly token: number;
  readonly batch: number;
}

/** Whether requests with different adapters are decoded in one pass, and what was measured for it. */
export interface MixingReport {
  readonly used: boolean;
  /** Why, in words. */
  readonly reason: string;
  /** Time of turns / time of mixed passes. */
  readonly speedup?: number;
  /** Streams that were compared with requests alone, and those that are not as they are. */
  readonly compared?: number;
  readonly wrong?: number;
  /** Places where the likeliest token is another one, although the logits differ by no more than rounding. */
  readonly ties?: number;
  /** Root mean square by which logits differ from a request alone: of two requests of one adapter in a pass, and of mixed passes. */
  readonly noise?: number;
  readonly difference?: number;
}

/** Time of a pass over so many tokens on this machine. */
export interface PassTime {
  readonly tokens: number;
  readonly ms: number;
}

/** Whether a source of drafts is used, and what was measured for it. */
export interface SourceReport {
  readonly used: boolean;
  /** Why, in words. */
  readonly reason: string;
  /** Share (0..1) of drafted tokens that has to be accepted so that one answer alone gains. */
  readonly leastAccepted?: number;
  /** Of the model that is asked for tokens, in ascending order, at least two. */
  readonly passes?: readonly PassTime[];
}

/** Whether tokens of answers are drafted: `passes` are of the model itself, the rest is of prompt lookup. */
export interface SpeculationReport extends SourceReport {
  /** Of the draft model, with its own passes; absent: there is none. */
  readonly draft?: SourceReport;
}

/** Which sources draft. `lookup`: prompt lookup alone; `auto`: also the draft model, where there is one. */
export const SPECULATE = ['off', 'lookup', 'auto'] as const;

export type Speculate = (typeof SPECULATE)[number];
