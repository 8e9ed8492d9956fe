import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadModel, type Mixing, type Model } from '../binding/model.ts';
import { Scheduler } from '../scheduling/scheduler.ts';
import { storiesFolder } from '../testing/stories-folder.ts';
import { randomLora } from '../testing/stories260k.ts';
import type { GenerateRequest } from '../types/answers.ts';
import { decideMixing } from './measure-mixing.ts';
import { type ModelHost, openModel } from './model-host.ts';

const TOKENS = 20;
const NO_DRAFTS = { used: false, reason: 'it is not asked for' };

let files: Awaited<ReturnType<typeof storiesFolder>>;
let adapters: Record<string, string>;
beforeAll(async () => {
  files = await storiesFolder();
  // Different ranks, scales and weights; no adapter has all weights of the others.
  adapters = {
    a: await files.write('a.gguf', randomLora(1).file),
    b: await files.write('b.gguf', randomLora(2, { rank: 8, modules: ['attn_q', 'attn_v', 'ffn_down'] }).file),
    c: await files.write(
      'c.gguf',
      randomLora(3, { rank: 2, alpha: 3, modules: ['ffn_gate', 'ffn_up', 'attn_k'] }).file,
    ),
  };
});
afterAll(() => files.remove());

/** Requests whose prompts have many lengths, over the base and all adapters; some use an adapter at another strength. */
async function requests(host: ModelHost, count: number): Promise<(GenerateRequest & { prompt: number[] })[]> {
  const text =
    'Once upon a time, there was a little girl named Lily. She loved to play outside in the park with her dog.';
  const ids = await host.tokenize(text, { addBos: true });
  const names = [null, ...Object.keys(adapters)];
  return Array.from({ length: count }, (_, at) => ({
    prompt: [...ids.slice(0, 1 + ((5 * at) % 23)), 261 + at],
    maxTokens: TOKENS,
    adapter: names[at % names.length] as string | null,
    adapterScale: at % 8 === 5 ? 0.5 : 1,
  }));
}

async function idsOf(host: ModelHost, request: GenerateRequest): Promise<number[]> {
  const ids: number[] = [];
  for await (const piece of host.generate(request)) if (piece.kind === 'text') ids.push(...piece.ids);
  return ids;
}

describe('mixed passes', () => {
  it('are not made of adapters that a high rank among them makes too large, and both answers come', async () => {
    const ranks = { small: 2, large: 64 };
    const paths = Object.entries(ranks).map(async ([name, rank], at) => [
      name,
      await files.write(`${name}.gguf`, randomLora(at + 7, { rank }).file),
    ]);
    const options = { modelPath: files.modelPath, adapters: Object.fromEntries(await Promise.all(paths)), threads: 1 };
    const alone = await openModel({ ...options, contextTokens: 256, sequences: 1 });
    const bytes = (await alone.statistics()).adapterBytes;
    const mixed = await openModel({ ...options, contextTokens: 256, mixing: true, adapterMemory: bytes });
    try {
      expect(mixed.info.mixing).toMatchObject({
        used: false,
        reason: expect.stringMatching(/filled up to the highest rank they take .* MB, and there is room for .* MB/),
      });
      const ask = (host: ModelHost, adapter: string) => idsOf(host, { prompt: [1, 403, 407], maxTokens: 8, adapter });
      const expected = [await ask(alone, 'small'), await ask(alone, 'large')];
      expect(await Promise.all([ask(mixed, 'small'), ask(mixed, 'large')])).toEqual(expected);
    } finally {
      await Promise.all([mixed.close(), alone.close()]);
    }
  });

  it('give 64 concurrent streams over the base and three adapters the tokens that each has alone', async () => {
    const options = { modelPath: files.modelPath, adapters, threads: 1, contextTokens: 256 };
    const mixed = await openModel({ ...options, sequences: 64, mixing: true });
    const alone = await openModel({ ...options, sequences: 1 });
    try {
      expect(mixed.info.mixing).toMatchObject({ used: true, wrong: 0 });
      expect(alone.info.mixing).toMatchObject({ used: false });
      const all = await requests(alone, 64);
      const expected: number[][] = [];
      for (const request of all) expected.push(await idsOf(alone, request));
      const got = await Promise.all(all.map((request) => idsOf(mixed, request)));
      let equal = 0;
      let ties = 0;
      for (const [at, request] of all.entries()) {
        const place = expected[at]!.findIndex((id, token) => id !== got[at]![token]);
        if (place === -1) {
          equal++;
          continue;
        }
        // Of two tokens that are equally likely but for rounding either may come; what follows then differs.
        const { adapter, adapterScale, prompt } = request;
        expect(adapterScale).toBe(1);
        const before = [...prompt, ...expected[at]!.slice(0, place)];
        const logits = (await alone.logits(before, { adapter: adapter ?? null })).subarray(-512);
        const gap = logits[expected[at]![place]!]! - logits[got[at]![place]!]!;
        expect(gap, `stream ${at}, token ${place}`).toBeLessThan(2 * (mixed.info.mixing.difference as number));
        ties++;
      }
      console.info(`${equal} of 64 streams equal token for token, ${ties} part at a tie within rounding`);
      expect(equal).toBeGreaterThan(56);
      // The adapters change what is written, so that a wrong owner would show.
      const base = await Promise.all(all.map((request) => idsOf(mixed, { ...request, adapter: null })));
      const changed = all.filter(({ adapter }, at) => adapter && base[at]!.join() !== expected[at]!.join());
      expect(changed.length).toBeGreaterThan(40);
    } finally {
      await Promise.all([mixed.close(), alone.close()]);
    }
  });

  it('keep to the adapter of a cache: another strength or another adapter reads the prompt again', async () => {
    const host = await openModel({ modelPath: files.modelPath, adapters, sequences: 4, threads: 1, mixing: true });
    const [request] = (await requests(host, 23)).slice(-1) as [GenerateRequest & { prompt: number[] }];
    const cached = async (part: Partial<GenerateRequest>) => {
      for await (const piece of host.generate({ ...request, maxTokens: 4, ...part }))
        if (piece.kind === 'end') return piece.cachedTokens;
      return null;
    };
    for (const adapter of ['a', 'b']) expect(await cached({ adapter, adapterScale: 1 })).toBe(0);
    expect(await cached({ adapter: 'a', adapterScale: 0.5 })).toBe(0);
    expect(await cached({ adapter: 'a', adapterScale: 1 })).toBe(request.prompt.length - 1);
    await expect(idsOf(host, { ...request, adapter: 'a', adapterScale: 5 })).rejects.toMatchObject({
      code: 'ADAPTER_SCALE',
      message: 'adapterScale is 5; it has to be from 0 to 4.',
    });
    await host.close();
  });
});

describe('the decision to mix', () => {
  const load = () =>
    loadModel({ modelPath: files.modelPath, adapters, threads: 1, contextTokens: 256, sequences: 8, mixing: true });
  const withDecode = (model: Model, decode: Mixing['decode']): Model => ({
    ...model,
    get info() {
      return model.info;
    },
    mixing: { ...(model.mixing as Mixing), decode },
  });

  it('is for it where tokens are right, and against it where a token has another owner', async () => {
    const model = await load();
    expect(decideMixing(model, 8, true)).toMatchObject({ used: true, wrong: 0 });
    const swapped = withDecode(model, (entries) =>
      model.mixing?.decode(
        entries.map((entry) => ({ ...entry, adapter: entry.adapter === 'a' ? 'b' : entry.adapter })),
      ),
    );
    expect(decideMixing(swapped, 8, true)).toMatchObject({
      used: false,
      reason: expect.stringMatching(/^\d+ of 8 streams are not as requests alone$/),
    });
    const leaked = withDecode(model, (entries) =>
      model.mixing?.decode(entries.map((entry) => ({ ...entry, adapter: entry.adapter ?? 'a' }))),
    );
    expect(decideMixing(leaked, 8, true).used).toBe(false);
    expect(decideMixing(model, 1, true)).toEqual({ used: false, reason: 'requests are decoded one at a time' });
  });

  it('does not count what other processes take of the cores while a mixed pass runs', async () => {
    const model = await load();
    const quiet = decideMixing(model, 8, true).speedup as number;
    const interrupted = withDecode(model, (entries) => {
      model.mixing?.decode(entries);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
    });
    // Passes take about a millisecond: by the clock a mixed one would take ten times as long as turns.
    expect(decideMixing(interrupted, 8, true).speedup).toBeGreaterThan(quiet / 3);
  });

  it('ends for good when a pass fails, and the answers stay right', async () => {
    const model = await load();
    let passes = 0;
    const failing = withDecode(model, (entries) => {
      model.mixing?.decode(entries);
      if (++passes === 5) throw new Error('the graph is another one');
    });
    const answers = async (scheduler: Scheduler) => {
      const ended = ['a', 'b', null, 'c'].map((adapter, owner) => {
        const { promise, resolve, reject } = Promise.withResolvers<number[]>();
        const ids: number[] = [];
        scheduler.add(
          owner,
          { prompt: [1, 403 + owner], maxTokens: 12, adapter },
          { text: (piece) => ids.push(...piece.ids), end: () => resolve(ids), fail: reject },
        );
        return promise;
      });
      while (!scheduler.idle) scheduler.step();
      return Promise.all(ended);
    };
    const turns = await answers(new Scheduler(model, 8, { used: false, reason: 'turns' }, NO_DRAFTS));
    model.clearAll();
    const scheduler = new Scheduler(failing, 8, { used: true, reason: 'measured' }, NO_DRAFTS);
    expect(await answers(scheduler)).toEqual(turns);
    expect(passes).toBe(5);
    expect(scheduler.reports.mixing).toMatchObject({ used: false, reason: 'the graph is another one' });
  });
});
