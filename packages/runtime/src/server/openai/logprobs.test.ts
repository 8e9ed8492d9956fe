import { afterAll, describe, expect, it } from 'vitest';
import { serveSample } from '../../testing/serve-sample.ts';

const sample = await serveSample();
const { client } = sample;
afterAll(() => sample.close());

const base = { model: 'sample', messages: [{ role: 'user' as const, content: 'Hello there' }], max_tokens: 12 };

describe('log-probabilities of a chat', () => {
  it('belong to the tokens of the answer; the greedy token is the likeliest of the top ones', async () => {
    const { choices } = await client.chat.completions.create({ ...base, logprobs: true, top_logprobs: 3 });
    const { content } = choices[0]!.logprobs!;
    expect(content).toHaveLength(12);
    const bytes = Buffer.from(content!.flatMap((token) => token.bytes!));
    expect(bytes.toString('utf8')).toBe(choices[0]!.message.content);
    for (const { logprob, token, top_logprobs } of content!) {
      expect(top_logprobs).toHaveLength(3);
      expect(top_logprobs[0]).toMatchObject({ token, logprob });
      expect(logprob).toBeLessThan(0);
      const sum = top_logprobs.reduce((total, top) => total + Math.exp(top.logprob), 0);
      expect(sum).toBeLessThanOrEqual(1);
    }
  });

  it('are the same streamed, and without top ones', async () => {
    const whole = await client.chat.completions.create({ ...base, logprobs: true });
    const stream = await client.chat.completions.create({ ...base, logprobs: true, stream: true });
    const streamed = [];
    for await (const { choices } of stream) streamed.push(...(choices[0]!.logprobs?.content ?? []));
    expect(streamed).toEqual(whole.choices[0]!.logprobs!.content);
    expect(streamed.every(({ top_logprobs }) => top_logprobs.length === 0)).toBe(true);
  });

  it('are of the model alone: a temperature or a bias does not change them', async () => {
    const plain = await client.chat.completions.create({ ...base, max_tokens: 1, logprobs: true, top_logprobs: 20 });
    const changed = await client.chat.completions.create({
      ...{ ...base, max_tokens: 1, temperature: 2, seed: 1, logit_bias: { 5: 50 } },
      ...{ logprobs: true, top_logprobs: 20 },
    });
    expect(changed.choices[0]!.logprobs!.content![0]!.top_logprobs).toEqual(
      plain.choices[0]!.logprobs!.content![0]!.top_logprobs,
    );
  });

  it('end where a stop text begins', async () => {
    const whole = (await client.chat.completions.create({ ...base, logprobs: true })).choices[0]!;
    const text = whole.message.content!;
    const stop = text.slice(Math.floor(text.length / 2), Math.floor(text.length / 2) + 3);
    const stopped = (await client.chat.completions.create({ ...base, logprobs: true, stop })).choices[0]!;
    const written = Buffer.from(stopped.logprobs!.content!.flatMap(({ bytes }) => bytes!)).toString('utf8');
    // The last token may be the stop text's in part.
    expect(written.startsWith(stopped.message.content!)).toBe(true);
    expect(stopped.logprobs!.content!.length).toBeLessThan(whole.logprobs!.content!.length);
  });
});

describe('log-probabilities of a text completion', () => {
  it('have offsets into the answer, streamed or not', async () => {
    const fields = { model: 'sample:base', prompt: 'Once upon', max_tokens: 8, logprobs: 2 };
    const { text, logprobs } = (await client.completions.create(fields)).choices[0]!;
    expect(logprobs!.tokens!.join('')).toBe(text);
    logprobs!.tokens!.forEach((token, at) => {
      expect(text.slice(logprobs!.text_offset![at]).startsWith(token)).toBe(true);
      expect(Object.keys(logprobs!.top_logprobs![at]!)).toContain(token);
      expect(logprobs!.top_logprobs![at]![token]).toBe(logprobs!.token_logprobs![at]);
    });
    const offsets = [];
    for await (const { choices } of await client.completions.create({ ...fields, stream: true })) {
      offsets.push(...choices[0]!.logprobs!.text_offset!);
    }
    expect(offsets).toEqual(logprobs!.text_offset);
  });
});
