import { type LoadOptions, loadModel, type Model } from '../binding/model.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';
import { DraftModel } from '../scheduling/speculation/draft-model.ts';
import type { DraftSource } from '../scheduling/speculation/draft-source.ts';
import { promptLookup } from '../scheduling/speculation/prompt-lookup.ts';
import type { Decisions, MixingReport, SpeculationReport, Threads } from '../types/decisions.ts';
import { freeCores } from './free-cores.ts';
import type { PendingMeasurement } from './idle-measurements.ts';
import { measuringMixing, refuseMixing } from './measure-mixing.ts';
import { measuringDraft, measuringSpeculation, NOT_DRAFTED } from './measure-speculation.ts';
import { measuringThreads } from './measure-threads.ts';
import { finish, type Measurement } from './measurement.ts';
import type { DraftOptions, OpenCommand, ThreadChoice } from './messages.ts';
import { type TunedModel, tuneThreads } from './tune-threads.ts';

/** A loaded model, what was decided about it, and what is still to be measured. */
export interface Decided {
  readonly model: Model;
  readonly mixing: MixingReport;
  readonly speculation: SpeculationReport;
  readonly sources: readonly DraftSource[];
  readonly pending: readonly PendingMeasurement[];
}

const UNMEASURED = { used: false, reason: 'it has not been measured yet' } as const;

/** Tokens of a sequence for which a server that has just started has caches (chosen: a question and its answer). */
const FIRST_TOKENS = 512;

/** Times of passes of model and draft model with which drafts always pay. */
const SAME = [1, 2].map((tokens) => ({ tokens, ms: 1 }));
const FREE = [1, 2].map((tokens) => ({ tokens, ms: 0 }));

/** Loads a model, and its draft model, and measures what has to be measured before it answers. @throws as `loadModel`. */
export async function openDecided(command: OpenCommand): Promise<Decided> {
  const { options, decided, measure, speculate, draft } = command;
  // Nobody waits for caches that no prompt fills yet.
  const growing = measure === 'idle' ? { firstTokens: FIRST_TOKENS } : {};
  const before = freeCores();
  const model = await loadModel({ ...options, ...growing });
  // The most of two looks: the process that started this one has work of its own now and then.
  const free = Math.max(before, freeCores());
  const tuned = withThreads(model, command.threads, { ...command, most: options.threads, free });
  const pending: PendingMeasurement[] = measure === 'idle' ? [{ name: null, measure: () => growStep(model) }] : [];
  if (tuned.measure) pending.push({ name: 'threads', measure: tuned.measure });

  const { sequences } = options;
  let mixing = refuseMixing(model, sequences, command.mixing) ?? decided.mixing;
  if (!mixing && measure === 'load') mixing = finish(measuringMixing(model, sequences, command.mixing));
  if (!mixing) pending.push({ name: 'mixing', measure: (scheduler) => mixingStep(model, command, scheduler) });

  const report = speculate === 'off' ? NOT_DRAFTED : decided.speculation;
  const second = draft && wantsDraft(draft, report) ? await openDraft(command, draft) : null;
  const context = { model, draft: second, tokens: draft?.tokens ?? null };
  let drafting: Drafting = report ? draftingOf(context, report) : { speculation: UNMEASURED, sources: [promptLookup] };
  if (!report && measure === 'load') drafting = draftingOf(context, finish(speculationReport(context)));
  else if (!report) pending.push({ name: 'speculation', measure: (scheduler) => speculationStep(context, scheduler) });
  return { model: tuned.model, mixing: mixing ?? UNMEASURED, ...drafting, pending };
}

// biome-ignore lint/correctness/useYield: it is a single step.
function* growStep(model: Model): Measurement<Decisions> {
  model.grow();
  return {};
}

/**
 * Sets the threads that a model begins with: those that were measured, where their cores are free now. `measure`: they are still to be
 * measured.
 */
function withThreads(
  model: Model,
  { start, bySize, tuned }: ThreadChoice,
  { measure, decided, most, free }: Pick<OpenCommand, 'measure' | 'decided'> & { most: number; free: number },
): TunedModel & { measure?: PendingMeasurement['measure'] } {
  const open = start === 'measured' && !decided.threads;
  let threads: Threads = { token: Number(start), batch: Number(start) };
  if (start === 'measured') {
    const { token, batch } = decided.threads ?? { token: bySize, batch: bySize };
    threads = { token: Math.min(token, most, free), batch: Math.min(batch, most, free) };
  }
  if (open && measure === 'load') threads = finish(measuringThreads(model, most));
  model.setThreads(threads);
  const own = tuneThreads(model, threads, most, tuned);
  if (!open || measure === 'load') return own;
  return {
    ...own,
    *measure(scheduler) {
      const measured = yield* measuringThreads(inSpare(model, scheduler), most);
      own.use(measured);
      return { threads: measured };
    },
  };
}

/** The model as measurements see it whose passes run in the sequence that no request uses. */
function inSpare(model: Model, scheduler: Scheduler): Model {
  const sequence = scheduler.cache.takeSpare();
  model.clearSequence(sequence);
  return Object.create(model, { spareSequence: { value: sequence } }) as Model;
}

function* mixingStep(
  model: Model,
  { options, mixing: wanted }: OpenCommand,
  scheduler: Scheduler,
): Measurement<Decisions> {
  scheduler.cache.clearAll();
  const mixing = yield* measuringMixing(model, options.sequences, wanted);
  scheduler.decide({ mixing });
  return { mixing };
}

interface Drafting {
  readonly speculation: SpeculationReport;
  readonly sources: readonly DraftSource[];
}

/** What a decision about drafts is made of. `tokens`: the length of all drafts, which is not decided then. */
interface DraftContext {
  readonly model: Model;
  readonly draft: TunedModel | null;
  readonly tokens: number | null;
}

function wantsDraft({ tokens }: DraftOptions, known: SpeculationReport | undefined): boolean {
  if (!known) return true;
  return known.passes !== undefined && (tokens !== null || known.draft?.used === true);
}

async function openDraft(command: OpenCommand, wanted: DraftOptions): Promise<TunedModel> {
  const model = await loadModel(draftLoad(command.options, wanted));
  // Its threads are not measured beside requests: they begin by its size and follow the load.
  const most = command.options.threads;
  return withThreads(model, wanted.threads, { measure: command.measure, decided: {}, most, free: freeCores() });
}

/** What a draft model is loaded with beside its model. */
export function draftLoad(options: LoadOptions, { modelPath }: DraftOptions): LoadOptions {
  const { contextTokens, sequences, threads } = options;
  return { modelPath, sequences, threads, mixing: false, ...(contextTokens === undefined ? {} : { contextTokens }) };
}

function* speculationStep(context: DraftContext, scheduler: Scheduler): Measurement<Decisions> {
  const model = inSpare(context.model, scheduler);
  const report = yield* speculationReport({ ...context, model });
  const { speculation, sources } = draftingOf(context, report);
  scheduler.decide({ speculation }, sources);
  return { speculation };
}

function* speculationReport({ model, draft, tokens }: DraftContext): Measurement<SpeculationReport> {
  const lookup = yield* measuringSpeculation(model);
  if (!draft || lookup.passes === undefined || !(lookup.used || tokens !== null)) return lookup;
  return { ...lookup, draft: yield* measuringDraft(draft.model, lookup.passes) };
}

/** The sources of drafts that were measured to pay; a draft model that does not is freed again. */
function draftingOf({ model, draft, tokens }: DraftContext, report: SpeculationReport): Drafting {
  const alone = { speculation: report, sources: [promptLookup] };
  if (!draft) return alone;
  const passes = report.draft?.passes;
  if (tokens !== null && passes !== undefined) {
    const asked = { used: true, reason: `${tokens} tokens are drafted, as asked for`, passes: SAME };
    const source = new DraftModel(draft.model, FREE, model.vocabulary.size, tokens);
    return {
      speculation: { ...asked, draft: { ...report.draft, used: true } as SpeculationReport },
      sources: [source],
    };
  }
  if (!report.draft?.used || passes === undefined) {
    draft.model.close();
    return alone;
  }
  return { speculation: report, sources: [promptLookup, new DraftModel(draft.model, passes, model.vocabulary.size)] };
}
