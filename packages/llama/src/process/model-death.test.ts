import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { stillRunning } from '@cogumi/pure/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelDiedError } from '../errors.ts';
import { storiesFolder } from '../testing/stories-folder.ts';
import { stories260k } from '../testing/stories260k.ts';
import { openModel } from './model-host.ts';

let files: Awaited<ReturnType<typeof storiesFolder>>;
beforeAll(async () => {
  files = await storiesFolder();
});
afterAll(() => files.remove());

/** False also for a zombie (`Z`): a process that has ended and that its parent has not waited for. */
async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return status !== '' && !status.includes(') Z ');
}

/** A list that takes many minutes, so that it is not over before what is tested. */
const ENDLESS = Array.from({ length: 20_000 }, () => ({ prompt: [1], maxTokens: 500 }));

describe("the model's process", () => {
  it('rejects all running calls with its signal when it is killed', async () => {
    const host = await openModel({ modelPath: files.modelPath });
    const lists = [host.completeAll(ENDLESS), host.completeAll(ENDLESS)];
    const pending = [...lists, host.inspect([[1, 2, 3]])].map((promise) =>
      promise.then(
        () => null,
        (error: unknown) => error,
      ),
    );
    process.kill(host.pid, 'SIGKILL');
    const errors = await Promise.all(pending);
    for (const error of errors.slice(0, 2)) {
      expect(error).toBeInstanceOf(ModelDiedError);
      expect(error).toMatchObject({ code: 'MODEL_DIED', signal: 'SIGKILL', processExitCode: null });
    }
    expect(await host.died).toBe(errors[0]);
    await expect(host.tokenize('a')).rejects.toBe(errors[0]);
    await host.close();
  });

  it('is ended when it hangs during an answer, and says so', async () => {
    const host = await openModel({ modelPath: files.modelPath });
    const answer = host.completeAll(ENDLESS).catch((error: unknown) => error);
    process.kill(host.pid, 'SIGSTOP');
    expect(await answer).toMatchObject({
      code: 'MODEL_DIED',
      signal: 'SIGKILL',
      message: expect.stringContaining('it hung, and was ended after 10 s without work'),
    });
    expect(await isAlive(host.pid)).toBe(false);
    await host.close();
  });

  it('is left alone while nothing is asked of it', async () => {
    const host = await openModel({ modelPath: files.modelPath });
    await host.tokenize('a');
    process.kill(host.pid, 'SIGSTOP');
    await sleep(12_000);
    expect(await isAlive(host.pid)).toBe(true);
    process.kill(host.pid, 'SIGCONT');
    expect(await host.tokenize('a')).not.toEqual([]);
    await host.close();
  });

  it('reports a failed assertion of llama.cpp with its message', async () => {
    // The header check does not cover this one: experts are used although there are none.
    const metadata = { 'llama.expert_used_count': { u32: 3 } };
    const modelPath = await files.write('asserts.gguf', stories260k({ metadata }));
    await expect(openModel({ modelPath })).rejects.toMatchObject({
      code: 'MODEL_DIED',
      signal: 'SIGABRT',
      lastLines: [expect.stringContaining('GGML_ASSERT')],
      message: expect.stringContaining(
        `while loading ${modelPath}, most likely because its settings do not fit its tensors`,
      ),
    });
  });

  it('names the tokenizer when llama.cpp looks in vain for a piece that it needs', async () => {
    // SentencePiece without the pieces of bytes, which stand for all that it has no piece for.
    const texts = Array.from({ length: 512 }, (_, id) => ['<unk>', '<s>', '</s>'][id] ?? `piece${id}`);
    const metadata = { 'tokenizer.ggml.tokens': { texts } };
    const modelPath = await files.write('tokenizer.gguf', stories260k({ metadata }));
    const host = await openModel({ modelPath });
    const error = await host.tokenize('ü').catch((death: unknown) => death);
    expect(error).toMatchObject({
      code: 'MODEL_DIED',
      message: expect.stringContaining('its tokenizer lacks a piece'),
    });
    expect(error).toMatchObject({ message: expect.stringContaining(modelPath) });
  });

  it('has ended after close, also during an answer', async () => {
    const host = await openModel({ modelPath: files.modelPath });
    const answer = host.completeAll(ENDLESS).catch((error: unknown) => error);
    await sleep(20);
    await host.close();
    expect(await isAlive(host.pid)).toBe(false);
    expect(await answer).toBeInstanceOf(ModelDiedError);
  });

  it('ends when the signal is aborted, before, during and after loading', async () => {
    const early = AbortSignal.abort(new Error('not needed'));
    await expect(openModel({ modelPath: files.modelPath, signal: early })).rejects.toThrow('not needed');
    const during = new AbortController();
    // Asked for while the model is being loaded.
    const fit = async () => {
      during.abort(new Error('too late'));
      return { sequences: 1 };
    };
    const opening = openModel({ modelPath: files.modelPath, signal: during.signal, fit });
    expect(await opening.catch((error: unknown) => error)).toEqual(new Error('too late'));
    const after = new AbortController();
    const host = await openModel({ modelPath: files.modelPath, signal: after.signal });
    after.abort();
    await host.died;
    expect(await isAlive(host.pid)).toBe(false);
  });

  it('ends when its parent dies, also while it decodes', async () => {
    const script = `
      import { openModel } from ${JSON.stringify(new URL('./model-host.ts', import.meta.url).href)};
      const host = await openModel({ modelPath: ${JSON.stringify(files.modelPath)} });
      void host.completeAll(Array.from({ length: ${ENDLESS.length} }, () => ({ prompt: [1], maxTokens: 500 })));
      console.log(host.pid);`;
    const parent = execFile(process.execPath, ['--conditions=source', '--input-type=module', '-e', script]);
    const pid = Number(await new Promise((resolve) => parent.stdout?.once('data', resolve)));
    expect(await isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    expect(await stillRunning([pid])).toEqual([]);
  });
});

describe('a model', () => {
  const good = stories260k();
  const cases: Record<string, { bytes: () => Buffer; code: string }> = {
    'that is truncated': { bytes: () => good.subarray(0, good.length - 4096), code: 'GGUF_INVALID' },
    'with no heads': {
      bytes: () => stories260k({ metadata: { 'llama.attention.head_count': { u32: 0 } } }),
      code: 'GGUF_INVALID',
    },
    'of an unknown architecture': {
      bytes: () => stories260k({ metadata: { 'general.architecture': { text: 'camel' } } }),
      code: 'MODEL_LOAD',
    },
    'with NaN weights': {
      bytes: () => stories260k({ change: (tensor) => ({ ...tensor, values: tensor.values.map(() => Number.NaN) }) }),
      code: 'MODEL_LOAD',
    },
    'with fewer tokens than embedding rows': {
      bytes: () => stories260k({ metadata: { 'tokenizer.ggml.tokens': { texts: ['<unk>', '<s>', '</s>'] } } }),
      code: 'MODEL_LOAD',
    },
  };
  for (const [name, { bytes, code }] of Object.entries(cases)) {
    it(`${name} is refused: ${code}`, async () => {
      const modelPath = await files.write('broken.gguf', bytes());
      await expect(openModel({ modelPath })).rejects.toMatchObject({ code });
    });
  }
});
