import type { Model } from '../binding/model.ts';
import { draftMs } from '../scheduling/speculation/draft-model.ts';
import { passMs } from '../scheduling/speculation/pass-times.ts';
import { type Costs, MOST_DRAFTED, planDrafts } from '../scheduling/speculation/plan-drafts.ts';
import type { PassTime, SourceReport, Speculate, SpeculationReport } from '../types/decisions.ts';
import { finish, type Measurement, processorMs } from './measurement.ts';

/** Sizes of passes that are timed; larger ones continue the line (chosen: with SmolLM2 all of it takes about 0.3 s). */
const SIZES = [1, 2, 4, 8, 12, 16];
/**
 * Rounds over all sizes, the shortest pass of each counts, since other processes share caches and cores (chosen). In turn, since llama.cpp plans
 * its graph again when the size changes, as it does between drafts.
 */
const ROUNDS = 2;
/** After so much processor time of a thread no further round begins, nor a size above 2: models of many gigabytes (chosen). */
const MOST_MS = 3_000;
/** Steps (1 / n) in which the report looks for the share that has to be accepted. */
const STEPS = 20;

/** Whether tokens of answers are drafted: if the model's cache can go back, and passes over several tokens are fast enough here. */
export function decideSpeculation(model: Model, speculate: Speculate): SpeculationReport {
  return speculate === 'off' ? NOT_DRAFTED : finish(measuringSpeculation(model));
}

/** What is reported where no drafts are asked for. */
export const NOT_DRAFTED: SpeculationReport = { used: false, reason: 'it is not asked for' };

/** As `decideSpeculation`, of prompt lookup. */
export function* measuringSpeculation(model: Model): Measurement<SpeculationReport> {
  // Measuring mixed passes may have left adapters set.
  model.useAdapter(null);
  try {
    if (!canGoBack(model)) return { used: false, reason: "this model's cache cannot give back single tokens" };
    yield;
    const first = yield* measuringPasses(model);
    const report = decideLookup(first);
    // Other processes make passes longer and never shorter: a refusal is measured once more before it holds until the next load.
    return report.used ? report : decideLookup(shortestOf(first, yield* measuringPasses(model)));
  } finally {
    model.clearSequence(model.spareSequence);
  }
}

function decideLookup(passes: readonly PassTime[]): SpeculationReport {
  const [one, last] = [passes[0], passes.at(-1)] as [PassTime, PassTime];
  const figures = `a pass over ${last.tokens} tokens takes ${(last.ms / one.ms).toFixed(1)} times as long as one over a single token`;
  return { ...decide(figures, { passMs: (tokens) => passMs(passes, tokens), draftMs: () => 0 }), passes };
}

/** Of two measurements, which may have ended at different sizes. */
function shortestOf(first: readonly PassTime[], second: readonly PassTime[]): PassTime[] {
  const times = Map.groupBy([...first, ...second], ({ tokens }) => tokens);
  return [...times]
    .map(([tokens, own]) => ({ tokens, ms: Math.min(...own.map(({ ms }) => ms)) }))
    .sort((one, other) => one.tokens - other.tokens);
}

/**
 * Whether a draft model is used: if its cache can go back, and its passes are short enough beside those of the model.
 *
 * @param passes - Of the model that it drafts for.
 */
export function decideDraft(draft: Model, passes: readonly PassTime[]): SourceReport {
  return finish(measuringDraft(draft, passes));
}

/** As `decideDraft`. */
export function* measuringDraft(draft: Model, passes: readonly PassTime[]): Measurement<SourceReport> {
  try {
    if (!canGoBack(draft)) return { used: false, reason: 'its cache cannot give back single tokens' };
    yield;
    const own = yield* measuringPasses(draft);
    const [one, model] = [own[0], passes[0]] as [PassTime, PassTime];
    const figures = `a pass of the draft model takes ${(one.ms / model.ms).toFixed(2)} times as long as one of the model`;
    const costs = {
      passMs: (tokens: number) => passMs(passes, tokens),
      draftMs: ([length = 0]: readonly number[]) => (length === 0 ? 0 : draftMs(own, 1, length)),
    };
    return { ...decide(figures, costs), passes: own };
  } finally {
    draft.clearAll();
  }
}

/** From which share of accepted tokens on one answer alone gains. @param figures - What was measured, in words. */
function decide(figures: string, costs: Costs): SourceReport {
  const pays = (rate: number) =>
    planDrafts([{ sequence: 0, offered: MOST_DRAFTED, rate }], costs, MOST_DRAFTED)[0] !== 0;
  const leastAccepted = Array.from({ length: STEPS + 1 }, (_, at) => at / STEPS).find(pays);
  if (leastAccepted === undefined) return { used: false, reason: figures };
  const reason = `${figures}; it pays from ${Math.round(100 * leastAccepted)}% accepted`;
  return { used: true, reason, leastAccepted };
}

/** Recurrent models keep one state, which does not remember the one before. */
function canGoBack(model: Model): boolean {
  decode(model, 2);
  return model.truncateSequence(model.spareSequence, 1);
}

function* measuringPasses(model: Model): Measurement<PassTime[]> {
  let spent = 0;
  const shortest = new Map<number, number>();
  for (let round = 0; round < ROUNDS && spent <= MOST_MS; round++) {
    // Passes over a single token follow one another, on the same graph.
    spent += decode(model, 1);
    yield;
    for (const tokens of SIZES) {
      if (shortest.size >= 2 && spent > MOST_MS) break;
      const ms = decode(model, tokens);
      spent += ms;
      shortest.set(tokens, Math.min(ms, shortest.get(tokens) ?? Number.POSITIVE_INFINITY));
      yield;
    }
  }
  return [...shortest].map(([tokens, ms]) => ({ tokens, ms }));
}

/** Decodes so many tokens in the sequence that no request uses. @returns Milliseconds of processor time of each thread. */
function decode(model: Model, tokens: number): number {
  const sequence = model.spareSequence;
  const { token, batch } = model.info.threads;
  model.clearSequence(sequence);
  const entries = Array.from({ length: tokens }, (_, position) => ({ token: 0, position, sequence, output: true }));
  const spent = processorMs(() => {
    model.decode(entries, false);
    // Decoding may return before its result is there.
    model.logits(tokens - 1);
  });
  return spent / (tokens === 1 ? token : batch);
}
