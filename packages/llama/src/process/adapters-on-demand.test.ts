import { rename, rm, stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storiesFolder } from '../testing/stories-folder.ts';
import { randomLora } from '../testing/stories260k.ts';
import type { GenerateRequest } from '../types/answers.ts';
import type { OpenModelOptions } from '../types/model.ts';
import { type ModelHost, openModel } from './model-host.ts';

/** Bytes of the tensors of an adapter as `randomLora` makes it: 5 layers, two pairs of 4 × 64 floats of 32 bits. */
const BYTES = 5 * 2 * 2 * 256 * 4;
const NAMES = ['a', 'b', 'c', 'd', 'e'];

let files: Awaited<ReturnType<typeof storiesFolder>>;
let adapters: Record<string, string>;
beforeAll(async () => {
  files = await storiesFolder();
  const written = NAMES.map(async (name, at) => [
    name,
    await files.write(`${name}.gguf`, randomLora(at + 1, { size: 0.5 }).file),
  ]);
  adapters = Object.fromEntries(await Promise.all(written));
});
afterAll(() => files.remove());

const open = (options: Partial<OpenModelOptions>) =>
  openModel({ modelPath: files.modelPath, adapters, threads: 1, contextTokens: 256, ...options });

async function answer(host: ModelHost, adapter: string | null, request: Partial<GenerateRequest> = {}) {
  const ids: number[] = [];
  let cached = 0;
  for await (const piece of host.generate({ prompt: [1, 403, 407], maxTokens: 16, adapter, ...request })) {
    if (piece.kind === 'text') ids.push(...piece.ids);
    else cached = piece.cachedTokens;
  }
  return { ids, cached };
}

describe('adapters on demand', () => {
  it('are loaded at the first request, and those that were unused longest make room', async () => {
    const [all, few] = await Promise.all([open({}), open({ adapterMemory: 2 * BYTES })]);
    const loaded = async () => (await few.statistics()).adapters;
    const loads = async () => (await few.statistics()).adapterLoads;
    try {
      expect((await all.statistics()).adapters).toBe(5);
      expect(await loaded()).toBe(0);
      const expected = new Map<string, number[]>();
      for (const name of NAMES) expected.set(name, (await answer(all, name)).ids);
      expect(new Set([...expected.values()].map(String)).size).toBe(5);
      // Twice, so that each is unloaded and loaded again.
      for (const name of [...NAMES, ...NAMES]) expect((await answer(few, name)).ids).toEqual(expected.get(name));
      expect([await loaded(), await loads()]).toEqual([2, 10]);
      expect((await few.statistics()).adapterBytes).toBe(2 * BYTES);
      // d and e are loaded; with d used last, e makes room for a.
      await answer(few, 'd');
      await answer(few, 'a');
      await answer(few, 'd');
      expect(await loads()).toBe(11);
      expect(few.info.adapters).toEqual(NAMES);
    } finally {
      await Promise.all([all.close(), few.close()]);
    }
  });

  it('keep their prompts in the cache when they are loaded again', async () => {
    const host = await open({ adapterMemory: BYTES, sequences: 4 });
    const prompt = Array.from({ length: 60 }, (_, at) => 300 + at);
    const before = await answer(host, 'a', { prompt });
    await answer(host, 'b', { prompt });
    const after = await answer(host, 'a', { prompt });
    expect(after).toEqual({ ids: before.ids, cached: 59 });
    expect((await host.statistics()).adapterLoads).toBe(3);
    await host.close();
  });

  it('stay while they are in use: others wait, and nobody waits for ever', async () => {
    const host = await open({ adapterMemory: BYTES, sequences: 4 });
    const alone = new Map<string | null, string>();
    for (const name of [null, 'a', 'b']) alone.set(name, (await answer(host, name, { maxTokens: 200 })).ids.join());
    const order: string[] = [];
    const ask = async (name: string | null, maxTokens: number) => {
      const { ids } = await answer(host, name, { maxTokens });
      order.push(`${name} ${maxTokens}`);
      expect(alone.get(name)?.startsWith(ids.join())).toBe(true);
    };
    const asked = [ask('a', 200), ask('b', 100), ask('a', 2), ask(null, 1)];
    await Promise.all(asked);
    // b waits for a, and the second a for b, which came before. The base needs no adapter.
    expect(order.filter((name) => !name.startsWith('null'))).toEqual(['a 200', 'b 100', 'a 2']);
    expect(order.indexOf('null 1')).toBeLessThan(3);
    await host.close();
  });

  it.each([false, true])('answer many requests at once as each alone, mixing %s', async (mixing) => {
    const host = await open({ adapterMemory: 3 * BYTES, sequences: 8, mixing });
    if (mixing) expect(host.info.mixing).toMatchObject({ used: true, wrong: 0 });
    const requests = Array.from({ length: 40 }, (_, at) => ({
      adapter: [null, ...NAMES][(at * 7) % 6] as string | null,
      request: { prompt: [1, 403 + (at % 5)], adapterScale: at % 4 === 3 ? 0.5 : 1 },
    }));
    const got = await Promise.all(requests.map(({ adapter, request }) => answer(host, adapter, request)));
    const single = await open({ sequences: 1 });
    let equal = 0;
    for (const [at, { adapter, request }] of requests.entries()) {
      if ((await answer(single, adapter, request)).ids.join() === got[at]?.ids.join()) equal++;
    }
    // Of two tokens that are equally likely but for rounding either may come.
    expect(equal).toBeGreaterThan(36);
    expect(host.info.mixing.used).toBe(mixing);
    const { adapterLoads, adapters: loaded } = await host.statistics();
    expect(adapterLoads).toBeGreaterThan(5);
    expect(loaded).toBe(3);
    await Promise.all([host.close(), single.close()]);
  });

  it('are read one after the other when several with many matrices are wanted at once', async () => {
    const modules = ['attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_gate', 'ffn_up', 'ffn_down'] as const;
    const large: Record<string, string> = {};
    for (const name of NAMES) large[name] = await files.write(`large-${name}.gguf`, randomLora(1, { modules }).file);
    const host = await open({ adapters: large, adapterMemory: 1e9, sequences: 5 });
    // 5 of 70 matrices each: more calls than koffi has.
    const answers = await Promise.all(NAMES.map((name) => answer(host, name)));
    expect(new Set(answers.map(({ ids }) => ids.join())).size).toBe(1);
    expect((await host.statistics()).adapters).toBe(5);
    await host.close();
  });

  it('fail their own requests only where their file is gone, is another one or holds infinities', async () => {
    const x = await files.write('x.gguf', randomLora(9).file);
    const broken = randomLora(8).file;
    broken.writeFloatLE(Number.POSITIVE_INFINITY, broken.length - 4);
    const y = await files.write('y.gguf', broken);
    const host = await open({ adapters: { ...adapters, x, y }, adapterMemory: 2 * BYTES });
    await rename(x, `${x}.away`);
    const answers = await Promise.allSettled([answer(host, 'x'), answer(host, 'a')]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    await expect(answer(host, 'x')).rejects.toMatchObject({ code: 'GGUF_INVALID' });
    await files.write('x.gguf', randomLora(10).file);
    await expect(answer(host, 'x')).rejects.toMatchObject({ code: 'ADAPTER_CHANGED' });
    await rm(x);
    await rename(`${x}.away`, x);
    expect((await stat(x)).size).toBeGreaterThan(BYTES);
    expect((await answer(host, 'x')).ids).toHaveLength(16);
    await expect(answer(host, 'y')).rejects.toMatchObject({
      code: 'ADAPTER_VALUES',
      message: expect.stringContaining('blk.4.attn_output.weight.lora_b'),
    });
    // What made room for it is gone.
    expect((await host.statistics()).adapterBytes).toBe(BYTES);
    await host.close();
  });

  it('stay when a request names one whose file is gone, is another one or was found broken before', async () => {
    const [gone, changed] = await Promise.all(
      ['gone', 'changed'].map((name, at) => files.write(`${name}.gguf`, randomLora(20 + at).file)),
    );
    const broken = randomLora(8).file;
    broken.writeFloatLE(Number.POSITIVE_INFINITY, broken.length - 4);
    const infinite = await files.write('infinite.gguf', broken);
    const all = { ...adapters, gone: gone as string, changed: changed as string, infinite };
    const host = await open({ adapters: all, adapterMemory: 2 * BYTES });
    const loads = async () => (await host.statistics()).adapterLoads;
    const useBoth = async () => {
      for (const name of ['a', 'b']) expect((await answer(host, name)).ids).toHaveLength(16);
    };
    await rm(gone as string);
    await files.write('changed.gguf', randomLora(30).file);
    await expect(answer(host, 'infinite')).rejects.toMatchObject({ code: 'ADAPTER_VALUES' });
    await useBoth();
    const before = await loads();
    for (const name of ['gone', 'changed', 'infinite', 'infinite']) {
      await expect(answer(host, name)).rejects.toMatchObject({ code: expect.stringMatching(/^(GGUF|ADAPTER)_/) });
      await useBoth();
    }
    expect(await loads()).toBe(before);
    await host.close();
  });

  it('are waited for by all who want one: also an answer that finds it being loaded for something else', async () => {
    const host = await open({ adapterMemory: BYTES });
    const [logits, { ids }] = await Promise.all([host.logits([1, 403], { adapter: 'a' }), answer(host, 'a')]);
    expect(logits).toHaveLength(2 * 512);
    expect(ids).toHaveLength(16);
    await host.close();
  });

  it('are refused at the start if one does not fit the model, or the bound', async () => {
    const narrow = await files.write('narrow.gguf', randomLora(1, { width: 32 }).file);
    await expect(open({ adapters: { narrow }, adapterMemory: BYTES })).rejects.toMatchObject({
      code: 'ADAPTER_MISMATCH',
      message: expect.stringContaining('incorrect shape: [32, 4] and [4, 32], where the model has [64, 64]'),
    });
    await expect(open({ adapterMemory: BYTES - 1 })).rejects.toMatchObject({
      code: 'ADAPTER_MEMORY',
      message: expect.stringMatching(`takes ${BYTES} bytes; all adapters together may take ${BYTES - 1}`),
    });
  });
});
