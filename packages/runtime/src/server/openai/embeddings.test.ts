import { BadRequestError } from 'openai';
import { afterAll, describe, expect, it } from 'vitest';
import { serveSample } from '../../testing/serve-sample.ts';

const sample = await serveSample();
const { client } = sample;
afterAll(() => sample.close());

const embed = (fields: object) => client.embeddings.create({ model: 'sample', input: 'Hello there', ...fields });

describe('embeddings', () => {
  it('have the length 1, and are equal for equal texts, as numbers and as base64', async () => {
    const { data, usage } = await embed({
      input: ['Hello there', 'Good night', 'Hello there'],
      encoding_format: 'float',
    });
    expect(data.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(data[0]!.embedding).toHaveLength(8);
    expect(Math.hypot(...data[0]!.embedding)).toBeCloseTo(1, 5);
    expect(data[2]!.embedding).toEqual(data[0]!.embedding);
    expect(data[1]!.embedding).not.toEqual(data[0]!.embedding);
    // The client asks for base64 by itself, and decodes it.
    const [plain] = (await embed({})).data;
    plain!.embedding.forEach((value, at) => expect(value).toBeCloseTo(data[0]!.embedding[at]!, 6));
    expect(usage.prompt_tokens).toBeGreaterThan(6);
  });

  it('are those of the router: the mean of the hidden states of the same tokens', async () => {
    const { tokens } = (await (
      await fetch(`${sample.server.url}/tokenize`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ content: 'Hello there', add_special: true }),
      })
    ).json()) as { tokens: number[] };
    const [text, ids, listed] = await Promise.all([embed({}), embed({ input: tokens }), embed({ input: [tokens] })]);
    expect(ids!.data[0]!.embedding).toEqual(text!.data[0]!.embedding);
    expect(listed!.data[0]!.embedding).toEqual(text!.data[0]!.embedding);
    expect(ids!.usage.prompt_tokens).toBe(tokens.length);
  });

  it.each([
    [{ dimensions: 4 }, 'dimensions'],
    [{ input: [] }, 'input'],
    [{ input: Array(65).fill('a') }, 'input'],
    [{ input: [32_000] }, 'input'],
    [{ input: 'word '.repeat(400) }, 'input'],
    [{ encoding_format: 'int8' }, 'encoding_format'],
  ])('refuse by name what is not supported: %#', async (fields, param) => {
    const error = await embed(fields).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BadRequestError);
    expect((error as InstanceType<typeof BadRequestError>).param).toBe(param);
  });
});
