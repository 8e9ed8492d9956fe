/** Entry point of the child process that holds a model, so that a broken file or a crash of llama.cpp ends only this process. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CogumiError } from '@cogumi/contracts';
import { type LoadOptions, loadModel, type Model } from '../binding/model.ts';
import { predictMemory } from '../binding/predict-memory.ts';
import { quantizeInProcess } from '../binding/quantize-in-process.ts';
import { templateBeginning } from '../chat/template-beginning.ts';
import { toErrorMessage } from '../errors.ts';
import { completeList } from '../scheduling/complete-list.ts';
import { Scheduler } from '../scheduling/scheduler.ts';
import { DraftModel } from '../scheduling/speculation/draft-model.ts';
import type { DraftSource } from '../scheduling/speculation/draft-source.ts';
import { promptLookup } from '../scheduling/speculation/prompt-lookup.ts';
import type { Inspection, MemoryNeed, SpeculationReport, Threads } from '../types.ts';
import { endWithParent } from './end-with-parent.ts';
import { decideMixing } from './measure-mixing.ts';
import { decideDraft, decideSpeculation } from './measure-speculation.ts';
import { measureThreads } from './measure-threads.ts';
import type { Command, DraftOptions, Reply } from './messages.ts';
import { tuneThreads } from './tune-threads.ts';

let model: Model | null = null;
let scheduler: Scheduler | null = null;
let running = false;

/** Replies of this turn of the event loop. They are sent together: each message wakes the parent, which uses the same cores. */
let replies: Reply[] = [];
const send = (reply: Reply) => {
  if (replies.push(reply) === 1) queueMicrotask(sendAll);
};
const sendAll = () => {
  process.send?.(replies);
  replies = [];
};
const fail = (id: number, error: unknown) => send({ id, kind: 'error', error: toErrorMessage(error) });

function pump(): void {
  if (!scheduler) return;
  try {
    scheduler.step();
  } catch (error) {
    scheduler.failAll(error);
  }
  running = !scheduler.idle && !scheduler.waiting;
  // Between passes the event loop handles new requests and cancellations.
  if (running) setImmediate(pump);
}

function wake(): void {
  if (running) return;
  running = true;
  setImmediate(pump);
}

async function handle(command: Command): Promise<void> {
  const { id } = command;
  if (command.kind === 'open') {
    model = await loadModel(command.options);
    const start = setThreads(model, command.threads.start, command.options.threads);
    const mixing = decideMixing(model, command.options.sequences, command.mixing);
    const lookup = decideSpeculation(model, command.speculate);
    const { speculation, sources } = await openSources(model, lookup, command.options, command.draft);
    model = tuneThreads(model, start, command.options.threads, command.threads.tuned);
    const { info, vocabulary } = model;
    const beginning = templateBeginning(info, (text) => vocabulary.tokenize(text, true, false));
    const options = { beginning, sources, onLoaded: wake };
    scheduler = new Scheduler(model, command.options.sequences, mixing, speculation, options);
    return send({ id, kind: 'result', value: { ...model.info, mixing, speculation } });
  }
  if (command.kind === 'predict') {
    return send({ id, kind: 'result', value: await predictAll(command.options, command.draft) });
  }
  if (command.kind === 'quantize') return send({ id, kind: 'result', value: quantizeInProcess(command.options) });
  if (!model || !scheduler) throw new CogumiError('MODEL_CLOSED', 'No model is loaded.', 'Open a model first.');
  switch (command.kind) {
    case 'add-adapter':
      await model.adapters.add(command.name, command.path);
      await model.adapters.load(command.name);
      return send({ id, kind: 'result', value: { ...model.info, ...scheduler.reports } });
    case 'tokenize':
      return send({
        id,
        kind: 'result',
        value: model.vocabulary.tokenize(command.text, command.special, command.addBos),
      });
    case 'detokenize':
      return send({
        id,
        kind: 'result',
        value: model.vocabulary.detokenize(command.ids, command.special).toString('utf8'),
      });
    case 'generate':
      scheduler.add(id, command.request, {
        text: (piece) => send({ id, kind: 'piece', piece }),
        end: (piece) => send({ id, kind: 'piece', piece }),
        fail: (error) => fail(id, error),
      });
      return wake();
    case 'complete-all': {
      const { requests, shared } = command;
      const list = completeList(scheduler, id, requests, shared, (done) => send({ id, kind: 'progress', done }));
      wake();
      return send({ id, kind: 'result', value: await list });
    }
    case 'cancel':
      return scheduler.cancel(command.target);
    case 'inspect':
      return send({ id, kind: 'result', value: await inspectAll(scheduler, command.prompts, command.cacheSalt) });
    case 'logits':
      if (command.adapter !== null) await model.adapters.load(command.adapter);
      return send({ id, kind: 'result', value: scheduler.logits(command.tokens, command) });
    case 'statistics': {
      const { adapters, adapterSwitches } = model;
      const value = {
        memoryBytes: process.memoryUsage.rss(),
        adapters: adapters.loaded.length,
        adapterBytes: adapters.bytes,
        adapterLoads: adapters.loads,
        adapterSwitches,
        drafts: scheduler.drafts,
        ...scheduler.reports,
      };
      return send({ id, kind: 'result', value });
    }
  }
}

/** Sets the threads that a model begins with. */
function setThreads(opened: Model, start: number | 'measured', most: number): Threads {
  if (start === 'measured') return measureThreads(opened, most);
  const threads = { token: start, batch: start };
  opened.setThreads(threads);
  return threads;
}

/** What a draft model is loaded with beside its model. */
function draftLoad(options: LoadOptions, { modelPath }: DraftOptions): LoadOptions {
  const { contextTokens, sequences, threads } = options;
  return { modelPath, sequences, threads, mixing: false, ...(contextTokens === undefined ? {} : { contextTokens }) };
}

/** Times of passes of model and draft model with which drafts always pay. */
const SAME = [1, 2].map((tokens) => ({ tokens, ms: 1 }));
const FREE = [1, 2].map((tokens) => ({ tokens, ms: 0 }));

/** Loads a draft model, if there is one, and measures whether it pays; if not, it is freed again. */
async function openSources(
  opened: Model,
  lookup: SpeculationReport,
  options: LoadOptions,
  wanted: DraftOptions | null,
): Promise<{ speculation: SpeculationReport; sources: DraftSource[] }> {
  const alone = { speculation: lookup, sources: [promptLookup] };
  if (wanted === null || lookup.passes === undefined || !(lookup.used || wanted.tokens)) return alone;
  const loaded = await loadModel(draftLoad(options, wanted));
  const start = setThreads(loaded, wanted.threads.start, options.threads);
  const report = decideDraft(loaded, lookup.passes);
  const speculation = { ...lookup, draft: report };
  const tuned = tuneThreads(loaded, start, options.threads, wanted.threads.tuned);
  if (wanted.tokens !== null && report.passes !== undefined) {
    const asked = { used: true, reason: `${wanted.tokens} tokens are drafted, as asked for`, passes: SAME };
    const draft = new DraftModel(tuned, FREE, opened.vocabulary.size, wanted.tokens);
    return { speculation: { ...asked, draft: { ...report, used: true } }, sources: [draft] };
  }
  if (!report.used || report.passes === undefined) {
    loaded.close();
    return { ...alone, speculation };
  }
  return { speculation, sources: [promptLookup, new DraftModel(tuned, report.passes, opened.vocabulary.size)] };
}

async function predictAll(options: LoadOptions, draft: DraftOptions | null): Promise<MemoryNeed> {
  const own = await predictMemory(options);
  if (draft === null) return own;
  const { weights, cache, compute } = await predictMemory(draftLoad(options, draft));
  return { ...own, weights: own.weights + weights, cache: own.cache + cache, compute: own.compute + compute };
}

/** Yields between two prompts, so that running answers continue. */
async function inspectAll(
  from: Scheduler,
  prompts: readonly (readonly number[])[],
  cacheSalt: string | undefined,
): Promise<Inspection[]> {
  const inspections: Inspection[] = [];
  for (const tokens of prompts) {
    inspections.push(from.inspect(tokens, cacheSalt));
    await nextTurn();
  }
  return inspections;
}

endWithParent();
process.on('message', (command: Command) => {
  handle(command).catch((error: unknown) => fail(command.id, error));
});
