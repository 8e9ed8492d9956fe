import type { DraftOrigin } from '../../types/decisions.ts';

/** The prompt and the answer so far in one sequence. */
export interface DraftText {
  readonly sequence: number;
  readonly tokens: Int32Array;
}

/** Drafts tokens that may follow a text: each is a guess, which the model confirms or refuses in one pass. */
export interface DraftSource {
  readonly origin: DraftOrigin;
  /** True: how often it is right depends more on the source than on the text, so a new answer begins with what others have shown. */
  readonly steady: boolean;
  /** How many tokens it can draft for a text, at most `most`; 0: it has no guess. */
  offer(text: DraftText, most: number): number;
  /** Drafts so many tokens for each text, or fewer. @param wanted - Sorted by sequence. */
  draft(wanted: readonly { readonly text: DraftText; readonly length: number }[]): (readonly number[])[];
  /** Milliseconds that it takes to draft so many tokens for each of so many texts. */
  draftMs(texts: number, length: number): number;
  /** Forgets all texts, after a pass has failed. */
  forget(): void;
}
