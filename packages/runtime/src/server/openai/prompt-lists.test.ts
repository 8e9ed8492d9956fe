import type OpenAI from 'openai';
import { afterAll, describe, expect, it } from 'vitest';
import { serveSample } from '../../testing/serve-sample.ts';

const sample = await serveSample();
const { client } = sample;
afterAll(() => sample.close());

const PROMPTS = ['Once upon a time', 'The dog', 'A little girl', 'One day', 'The sun', 'Tom and Lily', 'He saw'];

type Params = OpenAI.CompletionCreateParamsNonStreaming;
const complete = (prompt: unknown, fields: object = {}) =>
  client.completions.create({ model: 'sample:base', prompt, max_tokens: 8, ...fields } as Params);

describe('a list of prompts', () => {
  it('has the answers of its prompts, in their order, and the tokens of all', async () => {
    const alone = [];
    for (const prompt of PROMPTS) alone.push(await complete(prompt));
    const list = await complete(PROMPTS);
    expect(list.choices.map(({ index }) => index)).toEqual(PROMPTS.map((_, at) => at));
    expect(list.choices.map(({ text }) => text)).toEqual(alone.map(({ choices }) => choices[0]!.text));
    for (const counted of ['prompt_tokens', 'completion_tokens', 'total_tokens'] as const) {
      expect(list.usage![counted]).toBe(alone.reduce((sum, { usage }) => sum + usage![counted], 0));
    }
  });

  it('has `n` choices for each prompt, streamed or not, with the seeds that they get alone', async () => {
    const fields = { n: 2, temperature: 1, seed: 7 };
    const prompts = PROMPTS.slice(0, 3);
    const texts = [];
    for (const prompt of prompts) texts.push(...(await complete(prompt, fields)).choices.map(({ text }) => text));
    const list = await complete(prompts, fields);
    expect(list.choices.map(({ text }) => text)).toEqual(texts);
    const stream = await client.completions.create({
      ...{ model: 'sample:base', prompt: prompts, max_tokens: 8, ...fields },
      stream: true,
      stream_options: { include_usage: true },
    });
    const streamed = texts.map(() => '');
    let usage: unknown;
    for await (const chunk of stream) {
      for (const { index, text } of chunk.choices) streamed[index] += text;
      usage = chunk.usage ?? usage;
    }
    expect(streamed).toEqual(texts);
    // What is cached depends on what was asked before.
    expect(usage).toMatchObject({
      prompt_tokens: list.usage!.prompt_tokens,
      completion_tokens: list.usage!.completion_tokens,
    });
  });

  it('may hold token ids, and echoes each prompt with its probabilities', async () => {
    const fields = { echo: true, logprobs: 1, max_tokens: 1 };
    const list = await complete(
      [
        [1, 403],
        [1, 500, 501],
      ],
      fields,
    );
    const [one, other] = [await complete([1, 403], fields), await complete([1, 500, 501], fields)];
    expect(list.choices.map(({ logprobs }) => logprobs)).toEqual([
      one.choices[0]!.logprobs,
      other.choices[0]!.logprobs,
    ]);
  });

  it('counts its prompts together in the metrics, once as a request', async () => {
    const counter = async (name: string) => {
      const text = await (await fetch(`${sample.server.url}/metrics`)).text();
      const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) && !line.includes('metrics'));
      return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    };
    const names = ['cogumi_requests_total', 'cogumi_prompt_tokens_total', 'cogumi_router_decisions_total'];
    const before = await Promise.all(names.map(counter));
    const { usage } = await complete(PROMPTS);
    const after = await Promise.all(names.map(counter));
    expect(after.map((count, at) => count - before[at]!)).toEqual([1, usage!.prompt_tokens, PROMPTS.length]);
  });
});
