/** What was found in an answer for its checker to judge. */
export interface Extracted {
  /** In the form that the checker takes; null: the answer names several, or contradicts itself. */
  readonly text: string | null;
  /** Whether the answer had come to its end there: what follows, or is cut off, changes nothing. */
  readonly complete: boolean;
}

/** Finds the answer within what a model said; null: there is none. */
export type Extract = (answer: string) => Extracted | null;
