import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedSample, serveSample } from '../testing/serve-sample.ts';
import { startServer } from './start-server.ts';

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, { requestBody?: { content: Record<string, { schema: object }> } }>>;
}

let sample: ServedSample;
let document: Document;
beforeAll(async () => {
  sample = await serveSample();
  document = (await (await fetch(`${sample.server.url}/openapi.json`)).json()) as Document;
});
afterAll(() => sample?.close());

const JSON_TYPE = { 'content-type': 'application/json' };
const messages = [{ role: 'user', content: 'Hi' }];

/** A body that each endpoint takes. */
const BODIES: Record<string, object> = {
  '/v1/chat/completions': { messages, max_tokens: 1, stop: ['x'], logit_bias: { 5: 1 }, tool_choice: 'none' },
  '/v1/completions': { prompt: 'Hi', max_tokens: 1, logprobs: 2 },
  '/v1/responses': { input: 'Hi', max_output_tokens: 1, text: { format: { type: 'text' } } },
  '/v1/embeddings': { input: ['Hi'] },
  '/v1/messages': { messages, max_tokens: 1 },
  '/v1/messages/count_tokens': { messages },
  '/tokenize': { content: 'Hi' },
  '/detokenize': { tokens: [5] },
};

function schemaOf(path: string): ValidateFunction {
  const { schema } = document.paths[path]!.post!.requestBody!.content['application/json']!;
  return new Ajv2020({ strict: false }).compile(schema);
}

describe('the OpenAPI document', () => {
  it('names exactly the paths that the server answers', async () => {
    expect(document.openapi).toBe('3.1.0');
    const refused = await fetch(`${sample.server.url}/nothing`);
    const { error } = (await refused.json()) as { error: { message: string } };
    const named = error.message.split('available: ')[1]!.replace(/\.$/, '').split(', ');
    expect(Object.keys(document.paths)).toEqual(named.map((path) => path.replace(':id', '{id}')));
    expect(
      Object.keys(document.paths)
        .filter((path) => 'post' in document.paths[path]!)
        .sort(),
    ).toEqual(Object.keys(BODIES).sort());
  });

  it.each(Object.keys(BODIES))(
    'describes the bodies that %s takes, and none with a field that it does not know',
    async (path) => {
      const post = async (body: object) => {
        const reply = await fetch(sample.server.url + path, {
          method: 'POST',
          headers: JSON_TYPE,
          body: JSON.stringify(body),
        });
        await reply.text();
        return reply.status;
      };
      const body = BODIES[path] as object;
      const valid = schemaOf(path);
      expect(valid(body), JSON.stringify(valid.errors)).toBe(true);
      expect(await post(body)).toBe(200);
      const unknown = { ...body, unknown_field: 1 };
      expect(valid(unknown)).toBe(false);
      expect(await post(unknown)).toBe(400);
      expect(valid({})).toBe(false);
    },
  );

  it('needs no key', async () => {
    const locked = await startServer(sample.runtime, { port: 0, apiKey: 'secret' });
    expect((await fetch(`${locked.url}/openapi.json`)).status).toBe(200);
    await locked.close();
  });
});
