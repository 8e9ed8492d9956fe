/** Entry point of the child process that holds a model, so that a broken file or a crash of llama.cpp ends only this process. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CogumiError } from '@cogumi/contracts';
import { loadLibrary } from '../binding/library.ts';
import type { LoadOptions, Model } from '../binding/model.ts';
import { predictMemory } from '../binding/predict-memory.ts';
import { quantizeInProcess } from '../binding/quantize-in-process.ts';
import { templateBeginning } from '../chat/template-beginning.ts';
import { toErrorMessage } from '../errors.ts';
import { completeList } from '../scheduling/complete-list.ts';
import { Scheduler } from '../scheduling/scheduler.ts';
import type { Inspection } from '../types/answers.ts';
import type { MemoryNeed } from '../types/model.ts';
import { endWithParent } from './end-with-parent.ts';
import { freeCores } from './free-cores.ts';
import { IdleMeasurements } from './idle-measurements.ts';
import { type LayerRouter, layerRouter } from './layer-router.ts';
import type { Command, DraftOptions, Reply } from './messages.ts';
import { draftLoad, openDecided } from './open-decided.ts';
import { Replies } from './replies.ts';

let model: Model | null = null;
let scheduler: Scheduler | null = null;
let measurements: IdleMeasurements | null = null;
let running = false;
let router: LayerRouter | null = null;

/** Commands that need passes of the model, or change what it has loaded. */
const PASSES: readonly Command['kind'][] = [
  ...(['add-adapter', 'generate', 'complete-all', 'inspect', 'read-layers', 'probe', 'logits'] as const),
];

const replies = new Replies((all) => process.send?.(all));
const send = (reply: Reply) => replies.send(reply);
const fail = (id: number, error: unknown) => send({ id, kind: 'error', error: toErrorMessage(error) });

function pump(): void {
  if (!scheduler) return;
  const start = performance.now();
  try {
    scheduler.step();
  } catch (error) {
    scheduler.failAll(error);
  }
  running = !scheduler.idle && !scheduler.waiting;
  if (running) replies.passed(performance.now() - start);
  else replies.flush();
  // Between passes the event loop handles new requests and cancellations.
  if (running) setImmediate(pump);
  else measurements?.touch();
}

function wake(): void {
  if (running) return;
  running = true;
  setImmediate(pump);
}

async function handle(command: Command): Promise<void> {
  const { id } = command;
  if (command.kind === 'open') {
    const { mixing, speculation, sources, pending, ...opened } = await openDecided(command);
    model = opened.model;
    router = command.router ? layerRouter(model, command.router) : null;
    const { info, vocabulary } = model;
    const beginning = templateBeginning(info, (text) => vocabulary.tokenize(text, true, false));
    const options = { beginning, sources, onLoaded: wake };
    scheduler = new Scheduler(model, command.options.sequences, mixing, speculation, options);
    const idle = new IdleMeasurements(pending, scheduler, (decided) => {
      const lasting = !decided.threads || freeCores() >= command.options.threads;
      send({ id, kind: 'decided', value: { decided, lasting, unmeasured: idle.unmeasured } });
    });
    measurements = idle;
    const { unmeasured } = idle;
    // The first question comes when a server has begun to listen: what precedes it is read meanwhile.
    if (command.measure === 'idle') setImmediate(() => scheduler?.idle && scheduler.cache.prepare());
    return send({ id, kind: 'result', value: { ...model.info, mixing, speculation, unmeasured } });
  }
  if (command.kind === 'predict') {
    return send({ id, kind: 'result', value: await predictAll(command.options, command.draft) });
  }
  if (command.kind === 'quantize') return send({ id, kind: 'result', value: quantizeInProcess(command.options) });
  if (!model || !scheduler || !measurements)
    throw new CogumiError('MODEL_CLOSED', 'No model is loaded.', 'Open a model first.');
  if (PASSES.includes(command.kind)) {
    measurements.touch();
    // The next pass may be a long one.
    replies.flush();
  }
  switch (command.kind) {
    case 'add-adapter':
      await model.adapters.add(command.name, command.path);
      await model.adapters.load(command.name);
      return send({
        id,
        kind: 'result',
        value: { ...model.info, ...scheduler.reports, unmeasured: measurements.unmeasured },
      });
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
    case 'generate': {
      let last: number | null = null;
      scheduler.add(id, command.request, {
        text: (piece) => {
          const now = performance.now();
          // The first is what people wait for.
          if (last === null) send({ id, kind: 'piece', piece });
          else replies.hold({ id, kind: 'piece', piece: { ...piece, gapMs: now - last } });
          last = now;
        },
        end: (piece) => send({ id, kind: 'piece', piece }),
        fail: (error) => fail(id, error),
      });
      return wake();
    }
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
    case 'read-layers':
      return send({ id, kind: 'result', value: await readAllLayers(scheduler, command.prompts, command.layers) });
    case 'probe':
      if (router === null) throw new RangeError('the model was opened without a router that reads a layer');
      return send({ id, kind: 'result', value: router.probe(scheduler, command.tokens, command) });
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
        unmeasured: measurements.unmeasured,
      };
      return send({ id, kind: 'result', value });
    }
  }
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

async function readAllLayers(
  from: Scheduler,
  prompts: readonly (readonly number[])[],
  layers: readonly number[],
): Promise<Float32Array[][]> {
  const read: Float32Array[][] = [];
  for (const tokens of prompts) {
    read.push([...from.layerMeans(tokens, layers, { cacheSalt: null, goesOn: () => false })]);
    await nextTurn();
  }
  return read;
}

endWithParent();
// A process that was started before it is known which model it gets is ready for it then. An error comes again when the library is used.
setImmediate(() => {
  try {
    loadLibrary();
  } catch {}
});
process.on('message', (command: Command) => {
  handle(command).catch((error: unknown) => fail(command.id, error));
});
