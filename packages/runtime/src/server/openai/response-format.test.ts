import { Ajv2020 } from 'ajv/dist/2020.js';
import type OpenAI from 'openai';
import { BadRequestError } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedSample, serveSample } from '../../testing/serve-sample.ts';

let sample: ServedSample;
let client: OpenAI;
beforeAll(async () => {
  sample = await serveSample({ contextTokens: 1024 });
  ({ client } = sample);
});
afterAll(() => sample?.close());

const messages = [{ role: 'user' as const, content: 'Answer in JSON.' }];
const ask = (response_format: object, fields: object = {}) =>
  client.chat.completions.create({
    ...{ model: 'sample', messages, max_tokens: 400, ...fields },
    response_format: response_format as OpenAI.ResponseFormatJSONObject,
  });
const inSchema = (schema: unknown) => ({ type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } });

const short = { type: 'string', maxLength: 8 };
/** Their values end soon, whatever a model of random weights chooses. */
const SCHEMAS: Record<string, object> = {
  'an object': {
    type: 'object',
    properties: {
      city: short,
      count: { type: 'integer', minimum: -3, maximum: 120 },
      tags: { type: 'array', items: short, maxItems: 3 },
    },
    required: ['city', 'tags'],
    additionalProperties: false,
  },
  'listed values, with null among them': { enum: ['red', 'green "deep"', null, 3, { a: [1] }] },
  'a null constant': { type: 'object', properties: { a: { const: null } }, required: ['a'] },
  'alternatives by a property': {
    oneOf: [
      {
        type: 'object',
        properties: { kind: { const: 'circle' }, radius: { type: 'number', exclusiveMinimum: 0, maximum: 9 } },
        required: ['kind', 'radius'],
      },
      {
        type: 'object',
        properties: { kind: { const: 'square' }, side: { type: 'integer', minimum: 1, maximum: 99 } },
        required: ['kind', 'side'],
      },
    ],
  },
  references: {
    $defs: {
      pair: {
        type: 'array',
        prefixItems: [{ type: 'boolean' }, { type: 'string', format: 'date' }],
        items: false,
        minItems: 2,
      },
    },
    type: 'array',
    items: { $ref: '#/$defs/pair' },
    minItems: 1,
    maxItems: 2,
  },
};

describe('response_format', () => {
  it.each(Object.keys(SCHEMAS))('json_schema: %s is valid, greedy and sampled, streamed or not', async (name) => {
    const schema = SCHEMAS[name] as object;
    const valid = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    for (const sampling of [{}, { temperature: 1.5, seed: 1 }, { temperature: 1, seed: 2, top_k: 40 }]) {
      const { choices } = await ask(inSchema(schema), sampling);
      expect(choices[0]!.finish_reason).toBe('stop');
      const value = JSON.parse(choices[0]!.message.content!);
      expect(valid(value), choices[0]!.message.content!).toBe(true);
      let streamed = '';
      const stream = await client.chat.completions.create({
        ...{ model: 'sample', messages, max_tokens: 400, ...sampling, stream: true },
        response_format: inSchema(schema) as OpenAI.ResponseFormatJSONSchema,
      });
      for await (const chunk of stream) streamed += chunk.choices[0]!.delta.content ?? '';
      expect(streamed).toBe(choices[0]!.message.content);
    }
  });

  it('json_object: the answer begins an object, and is one if it ends', async () => {
    const { choices } = await ask({ type: 'json_object' }, { max_tokens: 60 });
    const text = choices[0]!.message.content!;
    expect(text.startsWith('{')).toBe(true);
    if (choices[0]!.finish_reason === 'stop') JSON.parse(text);
  });

  it('leaves other answers as they are', async () => {
    const plain = await client.chat.completions.create({ model: 'sample', messages, max_tokens: 12 });
    const { choices } = await ask({ type: 'text' }, { max_tokens: 12 });
    expect(choices[0]!.message.content).toBe(plain.choices[0]!.message.content);
  });

  it.each([
    [{ type: 'string', not: { const: 'a' } }, '"not"', '/not'],
    [
      { type: 'object', properties: { 'a/b': { type: 'array', contains: {} } } },
      '"contains"',
      '/properties/a~1b/contains',
    ],
    [{ type: 'object', required: ['a'], additionalProperties: false }, 'No value', 'the root'],
    [{ $defs: { a: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' }, 'back to itself', ''],
    [
      { $defs: { a: { type: 'array', items: { $ref: '#/$defs/a' }, minItems: 1 } }, $ref: '#/$defs/a' },
      'never end',
      '',
    ],
    [{ oneOf: [{ type: 'integer' }, { type: 'number' }] }, 'satisfy together', '/oneOf'],
    [{ type: 'string', format: 'email' }, '"email"', '/format'],
    [{ type: 'text' }, '"text"', '/type'],
    [{ type: 'string', maxLength: 1e6 }, 'at most 1000', '/maxLength'],
    [{ $ref: 'https://example.com/a' }, 'begin with #/', '/$ref'],
    ['string', 'must be an object', 'the root'],
  ])('json_schema refuses by name what it cannot enforce: %#', async (schema, says, pointer) => {
    const error = await ask(inSchema(schema)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BadRequestError);
    const { param, code, message } = error as InstanceType<typeof BadRequestError>;
    expect({ param, code }).toEqual({ param: 'response_format.json_schema.schema', code: 'invalid_json_schema' });
    expect(message).toContain(says);
    expect(message).toContain(pointer);
  });
});
