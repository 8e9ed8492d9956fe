import { BATCH_TOKENS, type Model } from '../../binding/model.ts';
import type { Entry } from '../../binding/native-batch.ts';
import type { PassTime } from '../../types/decisions.ts';
import { argmax } from '../sampler.ts';
import type { DraftSource, DraftText } from './draft-source.ts';
import { passMs } from './pass-times.ts';

/** Tokens of a text that the first pass of a draft reads: the one that the model chose itself, and the last guess if all were accepted. */
const UNREAD_TOKENS = 2;

/** A text that is drafted for. */
interface Draft {
  readonly sequence: number;
  readonly length: number;
  /** Tokens that the next pass reads. */
  next: readonly number[];
  /** False: the text is too long to be read in this pass, so nothing can be guessed yet. */
  readonly whole: boolean;
  readonly guesses: number[];
}

/**
 * A smaller model with the same vocabulary drafts the tokens that it finds most likely (Leviathan et al. 2023, §3). It has a sequence for
 * each of the model's, and drafts for all answers in the same passes.
 *
 * Its cache is kept in step by comparison: before a draft it goes back to where its tokens and the text's part, which takes out guesses
 * that were refused and what an earlier request left.
 */
export class DraftModel implements DraftSource {
  readonly origin = 'draft';
  readonly steady = true;
  readonly #model: Model;
  readonly #passes: readonly PassTime[];
  readonly #vocabulary: number;
  readonly #most: number;
  /** What the cache holds of each sequence. */
  readonly #read = new Map<number, number[]>();

  /**
   * @param model - Loaded with as many sequences as the model that it drafts for.
   * @param passes - Times of its passes, as `decideSpeculation` measured them.
   * @param vocabulary - Tokens that the other model knows; it may have fewer rows for tokens that do not exist.
   * @param most - Longest draft.
   */
  constructor(model: Model, passes: readonly PassTime[], vocabulary: number, most = Number.POSITIVE_INFINITY) {
    this.#model = model;
    this.#passes = passes;
    this.#vocabulary = vocabulary;
    this.#most = most;
  }

  /** @returns 0 once the text is longer than its context. */
  offer({ tokens }: DraftText, most: number): number {
    return Math.max(0, Math.min(most, this.#most, this.#model.info.contextTokens - tokens.length));
  }

  draft(wanted: readonly { readonly text: DraftText; readonly length: number }[]): number[][] {
    const drafts = this.#begin(wanted);
    this.#pass(drafts.filter(({ next }) => next.length > 0));
    for (;;) {
      const unfinished = drafts.filter(({ whole, guesses, length }) => whole && guesses.length < length);
      if (unfinished.length === 0) return drafts.map(({ guesses }) => guesses);
      for (const draft of unfinished) draft.next = draft.guesses.slice(-1);
      this.#pass(unfinished);
    }
  }

  draftMs(texts: number, length: number): number {
    return draftMs(this.#passes, texts, length);
  }

  forget(): void {
    this.#model.clearAll();
    this.#read.clear();
  }

  /** Shares out the first pass, the texts with the fewest unread tokens first, so that a long prompt holds up no other answer. */
  #begin(wanted: readonly { readonly text: DraftText; readonly length: number }[]): Draft[] {
    const unread = wanted.map(({ text }) => [...text.tokens.subarray(this.#goBack(text))]);
    const parts = new Map<number, number>();
    let left = BATCH_TOKENS;
    for (const at of [...unread.keys()].sort((one, other) => unread[one]!.length - unread[other]!.length)) {
      parts.set(at, Math.min(left, unread[at]!.length));
      left -= parts.get(at)!;
    }
    return wanted.map(({ text: { sequence }, length }, at) => {
      const [tokens, part] = [unread[at]!, parts.get(at)!];
      return { sequence, length, next: tokens.slice(0, part), whole: part === tokens.length, guesses: [] };
    });
  }

  /** Takes out of the cache what is not in the text. @returns Tokens of the text that it holds; the last is read again for its logits. */
  #goBack({ sequence, tokens }: DraftText): number {
    const read = this.#read.get(sequence) ?? [];
    this.#read.set(sequence, read);
    const most = Math.min(read.length, tokens.length - 1);
    let common = 0;
    while (common < most && read[common] === tokens[common]) common++;
    if (common < read.length && !this.#model.truncateSequence(sequence, common)) {
      this.#model.clearSequence(sequence);
      common = 0;
    }
    read.length = common;
    return common;
  }

  /** Reads the next tokens of each text, and guesses the one after them where the text is whole. */
  #pass(drafts: readonly Draft[]): void {
    const entries: Entry[] = [];
    const outputs = drafts.map(({ sequence, next, whole }) => {
      const read = this.#read.get(sequence)!;
      for (const [at, token] of next.entries()) {
        entries.push({ token, position: read.length, sequence, output: whole && at === next.length - 1 });
        read.push(token);
      }
      return entries.length - 1;
    });
    this.#model.decode(entries, false);
    for (const [at, { whole, guesses }] of drafts.entries()) {
      if (whole) guesses.push(argmax(this.#model.logits(outputs[at]!).subarray(0, this.#vocabulary)));
    }
  }
}

/** Milliseconds in which a draft model with such passes drafts so many tokens for each of so many texts. */
export function draftMs(passes: readonly PassTime[], texts: number, length: number): number {
  return passMs(passes, UNREAD_TOKENS * texts) + (length - 1) * passMs(passes, texts);
}
