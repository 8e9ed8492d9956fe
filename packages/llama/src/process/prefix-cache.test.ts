import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { storiesFolder } from '../testing/stories-folder.ts';
import { randomLora } from '../testing/stories260k.ts';
import type { FinalPiece, GenerateRequest } from '../types/answers.ts';
import { type ModelHost, openModel } from './model-host.ts';

let files: Awaited<ReturnType<typeof storiesFolder>>;
let host: ModelHost;
beforeAll(async () => {
  files = await storiesFolder();
});
afterAll(() => files.remove());

async function ask(request: GenerateRequest, signal?: AbortSignal) {
  const ids: number[] = [];
  let final: FinalPiece | null = null;
  for await (const piece of host.generate(request, signal ? { signal } : {})) {
    if (piece.kind === 'text') ids.push(...piece.ids);
    else final = piece;
  }
  return { ids, cached: final?.cachedTokens };
}

describe('the prefix cache', () => {
  beforeEach(async () => {
    const adapters = { a: await files.write('a.gguf', randomLora(1).file) };
    host = await openModel({ modelPath: files.modelPath, adapters, sequences: 2, threads: 1 });
    return () => host.close();
  });
  const first = async () => host.tokenize('Once upon a time, there was a little girl named Lily.', { addBos: true });

  it('reads of the next turn only what is new, and answers as if it had read all', async () => {
    const prompt = await first();
    const answered = await ask({ prompt, maxTokens: 12 });
    expect(answered.cached).toBe(0);
    const turn = [...prompt, ...answered.ids, ...(await host.tokenize(' She was happy.'))];
    const next = await ask({ prompt: turn, maxTokens: 12 });
    // The last token of the answer was chosen and never read.
    expect(next.cached).toBe(prompt.length + answered.ids.length - 1);

    const fresh = await openModel({ modelPath: files.modelPath, threads: 1 });
    const [whole] = await fresh.completeAll([{ prompt: turn, maxTokens: 12 }]);
    await fresh.close();
    expect(next.ids).toEqual(whole?.ids);
  });

  it('keeps two conversations apart, and those of adapters from those of the base', async () => {
    const one = await first();
    const two = await host.tokenize('The dog ran to the big red house and', { addBos: true });
    for (const prompt of [one, two]) await ask({ prompt, maxTokens: 4 });
    const again = [await ask({ prompt: one, maxTokens: 4 }), await ask({ prompt: two, maxTokens: 4 })];
    expect(again.map(({ cached }) => cached)).toEqual([one.length - 1, two.length - 1]);
    expect((await ask({ prompt: one, maxTokens: 4, adapter: 'a' })).cached).toBe(0);
  });

  it('is not shared by requests of different salts, nor by what was inspected for them', async () => {
    const prompt = await first();
    const cached = async (cacheSalt?: string) =>
      (await ask({ prompt, maxTokens: 4, ...(cacheSalt && { cacheSalt }) })).cached;
    expect(await cached('anna')).toBe(0);
    expect([await cached('bob'), await cached('anna')]).toEqual([0, prompt.length - 1]);
    const other = await host.tokenize('The dog ran to the big red house and', { addBos: true });
    for (const [salt, found] of [
      // The BOS of his own prompt before.
      ['bob', 1],
      ['anna', other.length - 1],
    ] as const) {
      await host.inspect([other], 'anna');
      expect((await ask({ prompt: other, maxTokens: 1, cacheSalt: salt })).cached).toBe(found);
    }
  });

  it('has what was inspected, so that a routed prompt is read once', async () => {
    const [prompt, other] = [
      await first(),
      await host.tokenize('The dog ran to the big red house and', { addBos: true }),
    ];
    const whole = await ask({ prompt, maxTokens: 8 });
    const before = await host.inspect([other, prompt]);
    expect((await ask({ prompt: [...prompt, ...whole.ids], maxTokens: 1 })).cached).toBeGreaterThan(prompt.length);
    await host.inspect([other]);
    const answer = await ask({ prompt: other, maxTokens: 8 });
    expect(answer.cached).toBe(other.length - 1);
    // The sequences changed places; inspections give the same figures as before.
    expect(await host.inspect([other, prompt])).toEqual(before);
    expect((await ask({ prompt, maxTokens: 8 })).ids).toEqual(whole.ids);
  });

  it('has all prompts that were inspected before the first was answered, for the same salt', async () => {
    const texts = ['Once upon a time, there was a cat.', 'The dog ran to the big red house and', 'Lily saw a bird. It'];
    const prompts = await Promise.all(texts.map((text) => host.tokenize(text, { addBos: true })));
    const [one, two, three] = prompts as [number[], number[], number[]];
    const read = await host.completeAll(prompts.map((prompt) => ({ prompt, maxTokens: 8 })));
    await host.inspect(prompts, 'anna');
    const answers = await Promise.all([one, two].map((prompt) => ask({ prompt, maxTokens: 8, cacheSalt: 'anna' })));
    expect(answers).toEqual([one, two].map(({ length }, at) => ({ ids: read[at]?.ids, cached: length - 1 })));
    // Two sequences and the spare hold other prompts by now; nobody else finds his.
    expect((await ask({ prompt: three, maxTokens: 1, cacheSalt: 'bob' })).cached).toBe(0);
    expect((await ask({ prompt: three, maxTokens: 1, adapter: 'a', cacheSalt: 'anna' })).cached).toBe(0);
    await host.inspect([two], 'anna');
    expect((await ask({ prompt: three, maxTokens: 8, cacheSalt: 'anna' })).cached).toBe(three.length - 1);
  });

  it('keeps what a cancelled request had read', async () => {
    const prompt = await first();
    const stop = new AbortController();
    const ids: number[] = [];
    for await (const piece of host.generate({ prompt, maxTokens: 200 }, { signal: stop.signal })) {
      if (piece.kind === 'text') ids.push(...piece.ids);
      stop.abort();
    }
    const cached = (await ask({ prompt: [...prompt, ...ids], maxTokens: 2 })).cached;
    expect(cached).toBe(prompt.length + ids.length - 1);
  });

  it('has no part in lists, which answer twice alike', async () => {
    const prompt = await first();
    await ask({ prompt, maxTokens: 4 });
    const lists = [];
    for (let time = 0; time < 2; time++) lists.push(await host.completeAll([{ prompt, maxTokens: 8, logprobs: true }]));
    expect(lists[1]).toEqual(lists[0]);
    expect(lists[0]?.[0]?.cachedTokens).toBe(0);
    expect((await ask({ prompt, maxTokens: 4 })).cached).toBe(0);
  });
});
