import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildEvent } from '@cogumi/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dataRecipe, loadRecipe } from '../../recipe/load-recipe.ts';
import { lockStore } from '../store/store-lock.ts';
import { build } from './build.ts';

let folder: string;
let store: string;
let log: string;
let events: BuildEvent[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-build-'));
  store = join(folder, 'store');
  log = join(store, 'runs/19700101-00000000-tiny');
  mkdirSync(log, { recursive: true });
  events = [];
  // No model: the stage that reads it refuses it.
  mkdirSync(join(folder, 'model'));
  writeFileSync(join(folder, 'model/config.json'), '{"architectures":["LlamaForCausalLM"]}');
  // A worker that only says what it is; nothing here comes as far as a job.
  const python = join(folder, 'python');
  writeFileSync(
    python,
    '#!/bin/sh\necho \'{"event":"ready","versions":{},"device":"cpu","bf16":false}\' >&3\nexec cat >/dev/null\n',
  );
  chmodSync(python, 0o755);
  vi.stubEnv('COGUMI_PYTHON', python);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

async function failure(onEvent: (event: BuildEvent) => void = () => {}): Promise<unknown> {
  const recipe = await loadRecipe(join(import.meta.dirname, '../../../../../recipes/tiny.yaml'), [
    `base.path=${join(folder, 'model')}`,
  ]);
  const watch = (event: BuildEvent) => {
    events.push(event);
    onEvent(event);
  };
  const { signal } = new AbortController();
  return build(recipe, { store, command: [], onEvent: watch, signal, now: () => 0 }).then(
    () => null,
    (error: unknown) => error,
  );
}

/** From now on, every write to this file of the run finds the disk full. */
function fill(file: string): void {
  if (readdirSync(log).includes(file)) unlinkSync(join(log, file));
  symlinkSync('/dev/full', join(log, file));
}

const lockIsFree = async () => (await lockStore(store))();

describe('a build that fails', () => {
  it('tells why, and releases the lock, when it cannot even begin its log', async () => {
    fill('recipe.json');
    expect(await failure()).toMatchObject({ code: 'DISK_FULL' });
    await lockIsFree();
  });

  it('tells the first failure, not that the full disk took no note of it', async () => {
    vi.stubEnv('COGUMI_PYTHON', join(folder, 'no-python'));
    fill('events.jsonl');
    expect(await failure()).toMatchObject({ code: 'PYTHON_MISSING' });
    expect(events).toMatchObject([{ event: 'build-end', outcome: 'failed' }]);
    await lockIsFree();
  });

  it('tells the failure of a stage, not that the full disk took no note of it', async () => {
    const error = await failure((event) => {
      if (event.event === 'stage-start' && event.stage === 'base') fill('events.jsonl');
    });
    expect(error).toMatchObject({ code: 'MODEL_NOT_FOUND' });
    // The report draws what never began from the plan.
    const start = events.find(({ event }) => event === 'build-start');
    expect(start).toMatchObject({
      inputs: { questions: [], train: ['base', 'mix'], 'export.base': ['base', 'questions'] },
    });
    expect(events.slice(-2)).toMatchObject([
      {
        event: 'stage-end',
        stage: 'base',
        outcome: 'failed',
        message: expect.stringMatching(/^MODEL_NOT_FOUND: .+\. .+/),
      },
      { event: 'build-end', outcome: 'failed' },
    ]);
    await lockIsFree();
  });

  it('tells that the disk is full when that is the failure', async () => {
    fill('events.jsonl');
    expect(await failure()).toMatchObject({ code: 'DISK_FULL' });
    await lockIsFree();
  });
});

describe('a build whose source changes', () => {
  it('keeps nothing of what it read after the plan', async () => {
    const path = join(folder, 'rows.jsonl');
    const line = (answer: string) => `${JSON.stringify({ instruction: 'Who?', output: answer })}\n`;
    writeFileSync(path, line('Me'));
    const { signal } = new AbortController();
    const onEvent = (event: BuildEvent) => {
      if (event.event === 'stage-start' && event.stage === 'import') writeFileSync(path, line('You'));
    };
    const run = (watch = (_: BuildEvent) => {}) =>
      build(dataRecipe([path]), { store, until: 'import', command: [], onEvent: watch, signal, now: () => 0 });
    await expect(run(onEvent)).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
    writeFileSync(path, line('Me'));
    const { folder: made } = await run();
    expect(readFileSync(join(made as string, 'rows.jsonl'), 'utf8')).toContain('"answer":"Me"');
  });
});
