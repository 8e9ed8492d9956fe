/** The child process a model lives in: a broken file or a crash of llama.cpp ends this process and nothing else. */
import { CogumiError } from '@cogumi/contracts';
import { inspectPrompt, promptLogits } from './inspect.ts';
import type { Answer, Ask } from './messages.ts';
import { loadModel, type Model } from './model.ts';
import { quantizeHere } from './quantize-here.ts';
import { Scheduler } from './scheduler.ts';

let model: Model | null = null;
let scheduler: Scheduler | null = null;
let running = false;
const tell = (answer: Answer) => {
  process.send?.(answer);
};

function fail(id: number, error: unknown): void {
  const { code, message, hint } =
    error instanceof CogumiError ? error : { code: 'MODEL_FAILED', message: String(error), hint: 'This is a bug.' };
  tell({ id, kind: 'error', code, message, hint });
}

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
  const loaded = model;
  switch (ask.kind) {
    case 'tokenize':
      return tell({ id, kind: 'result', value: loaded.tokenize(ask.text, ask.special) });
    case 'detokenize':
      return tell({
        id,
        kind: 'result',
        value: Buffer.concat(ask.ids.map((token) => loaded.piece(token, ask.special))).toString('utf8'),
      });
    case 'generate':
      scheduler.add(id, ask.request, {
        text: (text) => tell({ id, kind: 'piece', piece: { kind: 'text', text } }),
        end: (piece) => tell({ id, kind: 'piece', piece }),
        fail: (error) => fail(id, error),
      });
      return wake();
    case 'cancel':
      scheduler.cancel(ask.target);
      return;
    case 'inspect':
      return tell({ id, kind: 'result', value: ask.prompts.map((tokens) => inspectPrompt(loaded, tokens)) });
    case 'logits':
      return tell({ id, kind: 'result', value: promptLogits(loaded, ask.tokens) });
  }
}

process.on('message', (ask: Ask) => {
  handle(ask).catch((error: unknown) => fail(ask.id, error));
});
process.on('disconnect', () => process.exit(0));
