import type { Model } from '../../binding/model.ts';
import { OUTPUT_TOKENS } from '../../binding/model.ts';
import type { DraftCounts, DraftOrigin, SpeculationReport } from '../../types/decisions.ts';
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
  /** Tokens that have been copied into the array of its sequence. */
  length: number;
  readonly acceptance: ReadonlyMap<DraftSource, Acceptance>;
}

/** What the source that is likeliest to be right has for an answer. */
interface Offer {
  readonly slot: Slot;
  readonly text: DraftText;
  readonly source: DraftSource;
  readonly acceptance: Acceptance;
  readonly offered: number;
}

type Counts = { -readonly [Name in keyof DraftCounts]: number };
const noCounts = (): Counts => ({ drafts: 0, draftedTokens: 0, comparedTokens: 0, acceptedTokens: 0 });

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
  /** Of two that are equally likely to be right the first drafts. */
  #sources: readonly DraftSource[];
  #report: SpeculationReport;
  readonly #answers = new WeakMap<Slot, Drafting>();
  /** Texts of sequences: the arrays grow with the texts, and the next answers use them again. */
  readonly #texts = new Map<number, Int32Array>();
  /** Slots that have a draft in this pass. */
  #drafted: Offer[] = [];
  readonly counts: Readonly<Record<DraftOrigin, Counts>> = { lookup: noCounts(), draft: noCounts() };
  /** How often each source is right, over all answers. */
  readonly #usual = new Map<DraftSource, Acceptance>();

  /**
   * @param report - What was decided when the model was loaded.
   * @param sources - A draft model among them is used if the report says so.
   */
  constructor(model: Model, report: SpeculationReport, sources: readonly DraftSource[] = [promptLookup]) {
    this.#model = model;
    this.#report = report;
    this.#sources = sources;
  }

  /** Whether answers are drafted; a draft model that fails is not used any more. */
  get report(): SpeculationReport {
    return this.#report;
  }

  /** What was decided since. Answers that have begun keep the sources that they had. */
  decide(report: SpeculationReport, sources: readonly DraftSource[]): void {
    this.#report = report;
    this.#sources = sources;
  }

  /** Gives slots drafts for the next pass where that pays. @param slots - All that have a part in the pass. */
  propose(slots: readonly Slot[]): void {
    this.#drafted = [];
    const { used, passes } = this.#report;
    const most = OUTPUT_TOKENS - slots.length;
    if (!used || passes === undefined || most < 1) return;
    const offers = slots
      .filter(({ answering }) => answering)
      .sort((one, other) => one.sequence - other.sequence)
      .map((slot) => this.#offer(slot));
    if (!offers.some(({ offered }) => offered > 0)) return;
    const costs = {
      passMs: (tokens: number) => passMs(passes, tokens),
      draftMs: (lengths: readonly number[]) => draftingMs(offers, lengths),
    };
    const candidates = offers.map(({ slot, offered, acceptance }) => ({
      sequence: slot.sequence,
      offered,
      rate: acceptance.rate,
    }));
    const lengths = planDrafts(candidates, costs, most);
    for (const [at, { offered, acceptance }] of offers.entries()) {
      if (offered > 0 && lengths[at] === 0) acceptance.decline();
    }
    for (const source of this.#sources) {
      const wanted = offers
        .map((offer, at) => ({ ...offer, length: lengths[at] as number }))
        .filter((offer) => offer.source === source && offer.length > 0);
      if (wanted.length === 0) continue;
      const drafts = this.#draft(source, wanted);
      for (const [at, offer] of wanted.entries()) {
        const draft = drafts[at] ?? [];
        if (draft.length === 0) continue;
        offer.slot.propose(draft);
        this.#drafted.push(offer);
      }
    }
  }

  /** Ends a pass: takes refused tokens out of the cache. */
  settle(): void {
    for (const { slot, source, acceptance } of this.#drafted) {
      const { drafted, accepted, ended } = slot.settle();
      const judged = ended ? accepted : drafted;
      acceptance.observe(judged, accepted);
      this.#usual.get(source)?.observe(judged, accepted);
      const counts = this.counts[source.origin];
      counts.drafts++;
      counts.draftedTokens += drafted;
      counts.comparedTokens += Math.min(judged, accepted + 1);
      counts.acceptedTokens += accepted;
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
    for (const source of this.#sources) source.forget();
  }

  #offer(slot: Slot): Offer {
    let answer = this.#answers.get(slot);
    if (answer === undefined) {
      const acceptance = new Map(this.#sources.map((source) => [source, this.#expected(source)] as const));
      answer = { length: 0, acceptance };
      this.#answers.set(slot, answer);
    }
    const tokens = this.#roomFor(slot);
    slot.copyTokens(tokens, answer.length);
    const length = slot.textLength;
    answer.length = length;
    const text = { sequence: slot.sequence, tokens: tokens.subarray(0, length) };
    let best: Offer | null = null;
    for (const [source, acceptance] of answer.acceptance) {
      // The pass itself yields one token of the answer.
      const most = Math.min(acceptance.known ? MOST_DRAFTED : FIRST_DRAFTED, slot.mostTokens - length - 1);
      const offered = most > 0 && this.#uses(source) ? source.offer(text, most) : 0;
      if (best !== null && (offered === 0 || (best.offered > 0 && best.acceptance.rate >= acceptance.rate))) continue;
      best = { slot, text, source, acceptance, offered };
    }
    return best as Offer;
  }

  #roomFor({ sequence, textLength }: Slot): Int32Array {
    const room = this.#texts.get(sequence) ?? new Int32Array();
    if (room.length >= textLength) return room;
    const larger = new Int32Array(2 * textLength);
    larger.set(room);
    this.#texts.set(sequence, larger);
    return larger;
  }

  #uses({ origin }: DraftSource): boolean {
    return origin === 'lookup' || this.#report.draft?.used === true;
  }

  /** What is assumed of a source for a new answer. */
  #expected(source: DraftSource): Acceptance {
    if (!source.steady) return new Acceptance();
    const usual = this.#usual.get(source) ?? new Acceptance();
    this.#usual.set(source, usual);
    return new Acceptance(usual.rate);
  }

  /** A source that fails is not asked again: the answers go on without it. */
  #draft(
    source: DraftSource,
    wanted: readonly { readonly text: DraftText; readonly length: number }[],
  ): (readonly number[])[] {
    try {
      return source.draft(wanted);
    } catch (error) {
      const reason = `it failed: ${(error as Error).message}`;
      this.#report = { ...this.#report, draft: { ...this.#report.draft, used: false, reason } };
      source.forget();
      return [];
    }
  }
}

/** Milliseconds that all sources together take for drafts of such lengths. */
function draftingMs(offers: readonly Offer[], lengths: readonly number[]): number {
  const bySource = Map.groupBy(offers.keys(), (at) => (offers[at] as Offer).source);
  let sum = 0;
  for (const [source, places] of bySource) {
    const own = places.map((at) => lengths[at] as number).filter((length) => length > 0);
    if (own.length > 0) sum += source.draftMs(own.length, Math.max(...own));
  }
  return sum;
}
