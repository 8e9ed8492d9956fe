import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { EXIT, type ExitCode } from '@cogumi/contracts';
import { createPreview, type SetPlace, startViewer } from '@cogumi/data/viewer';
import { createEngine, readRunRecipe } from '@cogumi/factory';
import { dim, paint } from '../terminal/style.ts';
import { setsOf } from './sets-of.ts';

export interface LookCall {
  /** Folders of stages or files of rows; empty: the data sets of the newest run in the store. */
  readonly places: readonly string[];
  readonly store: string | undefined;
  readonly port: number;
  /** HF folder with the tokenizer and chat template that split rows into tokens; null: do not show tokens. */
  readonly model: string | null;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** Serves the data viewer until the signal is aborted. */
export async function look({ places, store, port, model, json, signal }: LookCall): Promise<ExitCode> {
  const { sets, run } = await setsOf(places, store);
  // For rows that the user names, the training options are unknown, so the engine's defaults apply.
  const train = run && (await readRunRecipe(run.store, run.id))?.train;
  const logs = await mkdtemp(join(tmpdir(), 'cogumi-look-'));
  const engine = model === null ? null : createEngine({ threads: 1, logPath: join(logs, 'engine.log') });
  try {
    const page = await startViewer({
      sets,
      port,
      preview: engine ? createPreview(engine, resolve(model as string), train ?? {}) : undefined,
    });
    console.log(json ? JSON.stringify({ url: page.url, sets }) : describe(page.url, sets, model));
    if (!signal.aborted) await new Promise((done) => signal.addEventListener('abort', done, { once: true }));
    await page.close();
  } finally {
    await engine?.close();
    await rm(logs, { recursive: true, force: true });
  }
  return EXIT.done;
}

function describe(url: string, sets: readonly SetPlace[], model: string | null): string {
  return [
    `${paint('bold', url)}  reachable from this machine only; Ctrl-C stops it`,
    `  sets    ${sets.map(({ name }) => name).join(', ')}`,
    model === null ? dim('  Add --model FOLDER to see the tokens that training learns from.') : `  tokens  of ${model}`,
  ].join('\n');
}
