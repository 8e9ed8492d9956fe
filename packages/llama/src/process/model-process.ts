/** The child process a model lives in: a broken file or a crash of llama.cpp ends this process and nothing else. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CogumiError } from '@cogumi/contracts';
import { loadModel, type Model } from '../binding/model.ts';
import { quantizeHere } from '../binding/quantize-here.ts';
import { toErrorMessage } from '../errors.ts';
import { completeList } from '../scheduling/complete-list.ts';
import { inspectPrompt, promptLogits } from '../scheduling/inspect.ts';
import { Scheduler } from '../scheduling/scheduler.ts';
import type { Inspection } from '../types.ts';
import { endWithParent } from './end-with-parent.ts';
import type { Answer, Ask } from './messages.ts';

let model: Model | null = null;
let scheduler: Scheduler | null = null;
let running = false;

const tell = (answer: Answer) => {
  process.send?.(answer);
};
const fail = (id: number, error: unknown) => tell({ id, kind: 'error', error: toErrorMessage(error) });

function pump(): void {
  if (!scheduler) return;
  try {
    scheduler.step();
  } catch (error) {
    scheduler.failAll(error);
  }
  running = !scheduler.idle;
  // Between passes the loop sees new requests and cancellations.
  if (running) setImmediate(pump);
}

function wake(): void {
  if (running) return;
  running = true;
  setImmediate(pump);
}

async function handle(ask: Ask): Promise<void> {
  const { id } = ask;
  if (ask.kind === 'open') {
    model = await loadModel(ask.options);
    scheduler = new Scheduler(model, ask.options.sequences);
    return tell({ id, kind: 'result', value: model.info });
  }
  if (ask.kind === 'quantize') return tell({ id, kind: 'result', value: quantizeHere(ask.options) });
  if (!model || !scheduler) throw new CogumiError('MODEL_CLOSED', 'No model is loaded.', 'Open one first.');
  switch (ask.kind) {
    case 'add-adapter':
      await model.addAdapter(ask.name, ask.path);
      return tell({ id, kind: 'result', value: model.info });
    case 'tokenize':
      return tell({ id, kind: 'result', value: model.vocabulary.tokenize(ask.text, ask.special, ask.addBos) });
    case 'detokenize':
      return tell({ id, kind: 'result', value: model.vocabulary.detokenize(ask.ids, ask.special).toString('utf8') });
    case 'generate':
      scheduler.add(id, ask.request, {
        text: (piece) => tell({ id, kind: 'piece', piece }),
        end: (piece) => tell({ id, kind: 'piece', piece }),
        fail: (error) => fail(id, error),
      });
      return wake();
    case 'complete-all': {
      const list = completeList(scheduler, id, ask.requests, (done) => tell({ id, kind: 'progress', done }));
      wake();
      return tell({ id, kind: 'result', value: await list });
    }
    case 'cancel':
      return scheduler.cancel(ask.target);
    case 'inspect':
      return tell({ id, kind: 'result', value: await inspectAll(model, ask.prompts) });
    case 'logits':
      return tell({ id, kind: 'result', value: promptLogits(model, ask.tokens, ask.adapter) });
    case 'memory':
      return tell({ id, kind: 'result', value: process.memoryUsage.rss() });
  }
}

/** Lets answers under way go on between two prompts. */
async function inspectAll(loaded: Model, prompts: readonly (readonly number[])[]): Promise<Inspection[]> {
  const inspections: Inspection[] = [];
  for (const tokens of prompts) {
    inspections.push(inspectPrompt(loaded, tokens));
    await nextTurn();
  }
  return inspections;
}

endWithParent();
process.on('message', (ask: Ask) => {
  handle(ask).catch((error: unknown) => fail(ask.id, error));
});
