import { logSumExp } from '@cogumi/pure';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { storiesFolder } from '../testing/stories-folder.ts';
import { randomLora } from '../testing/stories260k.ts';
import type { AnswerToken, GenerateRequest } from '../types/answers.ts';
import { type ModelHost, openModel } from './model-host.ts';

let files: Awaited<ReturnType<typeof storiesFolder>>;
let host: ModelHost;
beforeAll(async () => {
  files = await storiesFolder();
  const adapters = {
    a: await files.write('a.gguf', randomLora(1).file),
    b: await files.write('b.gguf', randomLora(2).file),
  };
  const { modelPath } = files;
  host = await openModel({ modelPath, adapters, sequences: 5, threads: 1, mixing: true, speculate: 'lookup' });
});
afterAll(async () => {
  await host.close();
  await files.remove();
});

const PROMPT = Array.from({ length: 230 }, (_, at) => (at === 0 ? 1 : 300 + ((at * at * 7) % 180)));
/** Rounding of the 16-bit cache, which depends on how a prompt is cut into passes. */
const ROUNDING = 0.05;

async function ask(request: Partial<GenerateRequest>) {
  const tokens: AnswerToken[] = [];
  const ids: number[] = [];
  for await (const piece of host.generate({ prompt: PROMPT, maxTokens: 0, echo: true, topLogprobs: 3, ...request })) {
    if (piece.kind === 'text') {
      tokens.push(...(piece.tokens ?? []));
      ids.push(...piece.ids);
    }
  }
  return { tokens, ids };
}

/** Log-probabilities of the prompt's tokens behind the first, from all its logits. */
async function expected(adapter: string | null): Promise<number[]> {
  const { vocabularySize } = host.info;
  const logits = await host.logits(PROMPT, { adapter, from: 0, shared: false });
  return PROMPT.slice(1).map(
    (token, at) =>
      (logits[at * vocabularySize + token] as number) - logSumExp(logits, at * vocabularySize, vocabularySize),
  );
}

const apart = (tokens: readonly AnswerToken[], values: readonly number[]) =>
  Math.max(...tokens.slice(1).map(({ logprob }, at) => Math.abs((logprob as number) - (values[at] as number))));

it('describes each token of a prompt by the logits behind the token before, of the base and of an adapter', async () => {
  for (const adapter of [null, 'a']) {
    const { tokens, ids } = await ask({ adapter });
    expect(ids).toEqual([]);
    expect(tokens.map(({ id }) => id)).toEqual(PROMPT);
    expect(tokens[0]).toMatchObject({ logprob: null, top: [] });
    expect(apart(tokens, await expected(adapter))).toBeLessThan(ROUNDING);
    for (const { id, logprob, top } of tokens.slice(1)) {
      expect(top.map((one) => one.logprob)).toEqual(top.map((one) => one.logprob).sort((one, other) => other - one));
      expect(top).toHaveLength(3);
      const same = top.find((one) => one.id === id);
      if (same) expect(same.logprob).toBe(logprob);
      else expect(logprob).toBeLessThanOrEqual(top[2]?.logprob as number);
    }
  }
});

it('is the same in passes that are mixed and drafted, and changes no answer beside it', async () => {
  const story = { prompt: [1, 403, 407, 261], maxTokens: 150, echo: false };
  const alone = await Promise.all([null, 'a'].map((adapter) => ask({ ...story, adapter })));
  const [base, a, b, ...stories] = await Promise.all([
    ask({}),
    ask({ adapter: 'a', maxTokens: 20 }),
    ask({ adapter: 'b' }),
    ...[null, 'a'].map((adapter) => ask({ ...story, adapter })),
  ]);
  expect(apart(base!.tokens, await expected(null))).toBeLessThan(ROUNDING);
  expect(apart(a!.tokens.slice(0, PROMPT.length), await expected('a'))).toBeLessThan(ROUNDING);
  expect(apart(b!.tokens, await expected('b'))).toBeLessThan(ROUNDING);
  expect(a!.ids).toHaveLength(20);
  expect(stories.map(({ ids }) => ids)).toEqual(alone.map(({ ids }) => ids));
});

it('describes the token that ends an answer, which is no part of it', async () => {
  const logitBias = host.info.endIds.map((id) => [id, 100] as const);
  const { tokens, ids } = await ask({ maxTokens: 4, logitBias });
  expect(ids).toEqual([]);
  expect(tokens).toHaveLength(PROMPT.length + 1);
  expect(host.info.endIds).toContain(tokens.at(-1)?.id);
  expect(tokens.at(-1)?.bytes).toHaveLength(0);
});

it('may want no token, which other requests may not', async () => {
  await expect(ask({ echo: false })).rejects.toMatchObject({ code: 'MAX_TOKENS' });
});
