import { afterAll, describe, expect, it } from 'vitest';
import { serveSample } from '../../testing/serve-sample.ts';

const sample = await serveSample({ contextTokens: 512 });
const { client } = sample;
afterAll(() => sample.close());

const model = 'sample:base';
const prompt = 'Once upon a time there was a little dog';

async function idsOf(text: string): Promise<number[]> {
  const body = JSON.stringify({ content: text, add_special: true });
  const headers = { 'content-type': 'application/json' };
  const reply = await fetch(`${sample.server.url}/tokenize`, { method: 'POST', headers, body });
  return ((await reply.json()) as { tokens: number[] }).tokens;
}

const complete = async (fields: object) => {
  const reply = await client.completions.create({ model, prompt, max_tokens: 8, ...fields });
  return { ...reply.choices[0]!, usage: reply.usage! };
};

/** Largest difference of two lists, of which some places may be null in both. */
function farthest(one: readonly (number | null)[], other: readonly (number | null)[]): number {
  expect(one.map((value) => value === null)).toEqual(other.map((value) => value === null));
  return Math.max(...one.map((value, at) => Math.abs((value ?? 0) - (other[at] ?? 0))));
}
/** Rounding of passes over other numbers of tokens. */
const ROUNDING = 1e-4;

describe('echo', () => {
  it('puts the prompt before the answer', async () => {
    const { text } = await complete({});
    expect((await complete({ echo: true })).text).toBe(prompt + text);
    const stream = await client.completions.create({ model, prompt, max_tokens: 8, echo: true, stream: true });
    const pieces: string[] = [];
    for await (const chunk of stream) pieces.push(chunk.choices[0]?.text ?? '');
    expect(pieces.join('')).toBe(prompt + text);
  });

  it('has null for the first token, offsets into the whole text, and the answer behind it', async () => {
    const { text, logprobs } = await complete({ echo: true, logprobs: 2 });
    const { tokens, token_logprobs: values, top_logprobs: top, text_offset: offsets } = logprobs!;
    expect([tokens!.length, values!.length, top!.length]).toEqual(Array(3).fill(offsets!.length));
    expect(tokens!.join('')).toBe(text);
    expect([values![0], top![0]]).toEqual([null, null]);
    expect(values!.slice(1).every((value) => value! < 0)).toBe(true);
    tokens!.forEach((token, at) => expect(text.slice(offsets![at]).startsWith(token)).toBe(true));
    const plain = await complete({ logprobs: 2 });
    expect(farthest(values!.slice(-8), plain.logprobs!.token_logprobs!)).toBeLessThan(ROUNDING);
  });

  it('reads a prompt of many passes whole although the cache has it, beside answers that it does not change', async () => {
    await sample.measured();
    const long = await idsOf(`${prompt} and a cat. `.repeat(16));
    expect(long.length).toBeGreaterThan(200);
    const ask = () => complete({ prompt: long, max_tokens: 1, logprobs: 0, echo: true });
    const alone = await ask();
    const story = () => complete({ model: 'sample:code', prompt: 'The cat', max_tokens: 120 });
    const solo = await story();
    const [first, second, beside] = await Promise.all([ask(), ask(), story()]);
    for (const { logprobs, usage } of [first, second]) {
      expect(farthest(logprobs!.token_logprobs!, alone.logprobs!.token_logprobs!)).toBeLessThan(ROUNDING);
      expect(usage.prompt_tokens_details?.cached_tokens).toBe(0);
    }
    expect(beside.text).toBe(solo.text);
    // What was read whole serves the next request.
    const next = await complete({ prompt: long, max_tokens: 1 });
    expect(next.usage.prompt_tokens_details?.cached_tokens).toBe(long.length - 1);
  });

  it('gives each of several answers its prompt', async () => {
    const { choices } = await client.completions.create({
      model,
      prompt,
      max_tokens: 4,
      n: 2,
      echo: true,
      logprobs: 1,
    });
    for (const { text, logprobs } of choices) {
      expect(text.startsWith(prompt)).toBe(true);
      expect(logprobs!.token_logprobs![0]).toBeNull();
    }
  });

  it('is asked for where no token is wanted', async () => {
    await expect(complete({ max_tokens: 0 })).rejects.toMatchObject({ status: 400, param: 'max_tokens' });
    expect(await complete({ max_tokens: 0, echo: true })).toMatchObject({ text: prompt, finish_reason: 'length' });
  });
});
