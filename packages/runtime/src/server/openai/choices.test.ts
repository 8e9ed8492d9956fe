import type OpenAI from 'openai';
import { afterAll, describe, expect, it } from 'vitest';
import { serveSample } from '../../testing/serve-sample.ts';

const sample = await serveSample();
const { client } = sample;
afterAll(() => sample.close());

const messages = [{ role: 'user' as const, content: 'Hello there, how are you?' }];
const ask = (fields: object) => client.chat.completions.create({ model: 'sample', messages, max_tokens: 8, ...fields });
const textOf = (answer: OpenAI.ChatCompletion, at = 0) => answer.choices[at]!.message.content!;

describe('several choices', () => {
  it('have seeds of their own, so the first is the answer of a single one, and usage counts all', async () => {
    const sampled = { temperature: 1.5, seed: 3 };
    const one = await ask(sampled);
    const three = await ask({ ...sampled, n: 3 });
    expect(three.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(textOf(three)).toBe(textOf(one));
    expect(textOf(three, 1)).toBe(textOf(await ask({ ...sampled, seed: 4 })));
    expect(new Set(three.choices.map(({ message }) => message.content)).size).toBe(3);
    expect(three.usage).toMatchObject({ prompt_tokens: one.usage!.prompt_tokens, completion_tokens: 24 });
  });

  it('are the same streamed', async () => {
    const fields = { temperature: 1.5, seed: 3, n: 3 };
    const whole = await ask(fields);
    const stream = await client.chat.completions.create({
      ...{ model: 'sample', messages, max_tokens: 8, ...fields },
      stream: true,
    });
    const texts = ['', '', ''];
    const reasons: string[] = [];
    for await (const { choices } of stream) {
      for (const { index, delta, finish_reason } of choices) {
        texts[index] += delta.content ?? '';
        if (finish_reason) reasons[index] = finish_reason;
      }
    }
    expect(texts).toEqual([0, 1, 2].map((at) => textOf(whole, at)));
    expect(reasons).toEqual(['length', 'length', 'length']);
  });

  it('take a place each: three do not fit into two', async () => {
    const { startServer } = await import('../start-server.ts');
    const small = await startServer(sample.runtime, { port: 0, maxRequests: 2 });
    const post = (n: number) =>
      fetch(`${small.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ messages, max_tokens: 40, n }),
      });
    const statuses = await Promise.all([post(8), post(1)].map(async (reply) => (await reply).status));
    expect(statuses.sort()).toEqual([200, 429]);
    await small.close();
  });
});

describe('sampling options', () => {
  it('restrict the choice to likely tokens: with top_k 1, or min_p 1, a hot answer is the greedy one', async () => {
    const greedy = textOf(await ask({}));
    const hot = { temperature: 2, seed: 5 };
    expect(textOf(await ask(hot))).not.toBe(greedy);
    expect(textOf(await ask({ ...hot, top_k: 1 }))).toBe(greedy);
    expect(textOf(await ask({ ...hot, min_p: 1 }))).toBe(greedy);
  });

  it('forbid and force tokens by their bias', async () => {
    const free = await ask({ logprobs: true, max_tokens: 1 });
    const { tokens } = (await (
      await fetch(`${sample.server.url}/tokenize`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ content: 'moon' }),
      })
    ).json()) as { tokens: number[] };
    const forced = await ask({ logprobs: true, max_tokens: 3, logit_bias: { [tokens.at(-1)!]: 100 } });
    expect(textOf(forced)).not.toBe(textOf(free));
    expect(new Set(forced.choices[0]!.logprobs!.content!.map(({ token }) => token.trim())).size).toBe(1);
  });

  it('never repeat a token with the strongest penalties', async () => {
    const { tokens } = await ask({ logprobs: true, max_tokens: 64, frequency_penalty: 2, presence_penalty: 2 }).then(
      ({ choices }) => ({ tokens: choices[0]!.logprobs!.content!.map(({ bytes }) => String(bytes)) }),
    );
    const plain = (await ask({ logprobs: true, max_tokens: 64 })).choices[0]!.logprobs!.content!;
    const distinct = (texts: readonly string[]) => new Set(texts).size;
    expect(distinct(tokens)).toBeGreaterThan(distinct(plain.map(({ bytes }) => String(bytes))));
    const repeated = await ask({ max_tokens: 64, repetition_penalty: 5 });
    expect(textOf(repeated)).not.toBe(textOf(await ask({ max_tokens: 64 })));
  });
});
