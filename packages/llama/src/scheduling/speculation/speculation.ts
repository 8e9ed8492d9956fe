import type { Model } from '../../binding/model.ts';
import { OUTPUT_TOKENS } from '../../binding/model.ts';
import type { DraftCounts, SpeculationReport } from '../../types.ts';
import type { Slot } from '../slot.ts';
import { Acceptance } from './acceptance.ts';
import type { DraftSource, DraftText } from './draft-source.ts';
import { passMs } from './pass-times.ts';
import { MOST_DRAFTED, planDrafts } from './plan-drafts.ts';
import { promptLookup } from './prompt-lookup.ts';

/** Longest draft while nothing is known of an answer (Leviathan et al. 2023 and many after them draft about so many). */
const FIRST_DRAFTED = 5;

/** What is known of an answer. */
interface Drafting {
  readonly tokens: Int32Array;
  length: number;
  readonly acceptance: Acceptance;
}

/**
 * Speculative decoding (Leviathan et al. 2023): a pass reads drafted tokens behind the one that comes next, and each that the model
 * chooses as well saves a pass.
 *
 * A draft is one guess without probabilities. The rule of their §2.3, to accept it with the probability p that the model gives it and
 * otherwise to sample from the others, is then the same as to sample as always and to look whether it is the guess. So temperature,
 * penalties, grammars and seeds need nothing of their own, and a seed gives the text that it gives without drafts.
 */
export class Speculation {
  readonly #model: Model;
  readonly #source: DraftSource = promptLookup;
  readonly report: SpeculationReport;
  readonly #answers = new WeakMap<Slot, Drafting>();
  /** Slots that have a draft in this pass. */
  #drafted: { readonly slot: Slot; readonly acceptance: Acceptance }[] = [];
  readonly counts: { -readonly [Name in keyof DraftCounts]: number } = {
    drafts: 0,
    draftedTokens: 0,
    acceptedTokens: 0,
  };

  /** @param report - What was decided when the model was loaded. */
  constructor(model: Model, report: SpeculationReport) {
    this.#model = model;
    this.report = report;
  }

  /** Gives slots drafts for the next pass where that pays. @param slots - All that have a part in the pass. */
  propose(slots: readonly Slot[]): void {
    this.#drafted = [];
    const { used, passes } = this.report;
    const most = OUTPUT_TOKENS - slots.length;
    if (!used || passes === undefined || most < 1) return;
    const answers = slots
      .filter(({ answering }) => answering)
      .sort((one, other) => one.sequence - other.sequence)
      .map((slot) => ({ slot, ...this.#offer(slot) }));
    if (!answers.some(({ offered }) => offered > 0)) return;
    const costs = {
      passMs: (tokens: number) => passMs(passes, tokens),
      draftMs: (texts: number, length: number) => this.#source.draftMs(texts, length),
    };
    const candidates = answers.map(({ slot, offered, acceptance }) => ({
      sequence: slot.sequence,
      offered,
      rate: acceptance.rate,
    }));
    const lengths = planDrafts(candidates, costs, most);
    for (const [at, { offered, acceptance }] of answers.entries()) {
      if (offered > 0 && lengths[at] === 0) acceptance.decline();
    }
    const chosen = answers
      .map((answer, at) => ({ ...answer, length: lengths[at] as number }))
      .filter(({ length }) => length > 0);
    const drafts = this.#source.draft(chosen);
    for (const [at, { slot, acceptance }] of chosen.entries()) {
      slot.propose(drafts[at] ?? []);
      this.#drafted.push({ slot, acceptance });
    }
  }

  /** Ends a pass: takes refused tokens out of the cache. */
  settle(): void {
    for (const { slot, acceptance } of this.#drafted) {
      const { drafted, accepted } = slot.settle();
      acceptance.observe(drafted, accepted);
      this.counts.drafts++;
      this.counts.draftedTokens += drafted;
      this.counts.acceptedTokens += accepted;
      // It was tested when the model was loaded.
      if (accepted < drafted && !this.#model.truncateSequence(slot.sequence, slot.cacheLength)) {
        throw new RangeError(`the cache of sequence ${slot.sequence} cannot go back to ${slot.cacheLength} tokens`);
      }
    }
    this.#drafted = [];
  }

  /** A pass has failed, and its answers with it. */
  forget(): void {
    this.#drafted = [];
  }

  #offer(slot: Slot): { text: DraftText; offered: number; acceptance: Acceptance } {
    let answer = this.#answers.get(slot);
    if (answer === undefined) {
      answer = { tokens: new Int32Array(slot.mostTokens), length: 0, acceptance: new Acceptance() };
      this.#answers.set(slot, answer);
    }
    answer.length = slot.copyTokens(answer.tokens, answer.length);
    const { tokens, length, acceptance } = answer;
    const text = { sequence: slot.sequence, tokens: tokens.subarray(0, length) };
    // The pass itself yields one token of the answer.
    const most = Math.min(acceptance.known ? MOST_DRAFTED : FIRST_DRAFTED, slot.mostTokens - length - 1);
    return { text, offered: most > 0 ? this.#source.offer(text, most) : 0, acceptance };
  }
}
