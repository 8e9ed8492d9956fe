import { Ajv2020 } from 'ajv/dist/2020.js';
import type OpenAI from 'openai';
import { BadRequestError } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedSample, serveSample } from '../../testing/serve-sample.ts';

let sample: ServedSample;
let client: OpenAI;
beforeAll(async () => {
  sample = await serveSample({ contextTokens: 2048 });
  ({ client } = sample);
});
afterAll(() => sample?.close());

type Params = OpenAI.Responses.ResponseCreateParamsNonStreaming;
const input = 'How warm is it in Rome?';
const ask = (fields: Partial<Params> = {}) =>
  client.responses.create({ model: 'sample', input, max_output_tokens: 12, ...fields });

const parameters = {
  type: 'object',
  properties: { city: { type: 'string', maxLength: 8 }, unit: { enum: ['C', 'F'] } },
  required: ['city', 'unit'],
};
const tools = [{ type: 'function' as const, name: 'weather', description: 'The weather.', parameters, strict: null }];
const demanded = { tools, tool_choice: { type: 'function' as const, name: 'weather' }, parallel_tool_calls: false };
const valid = new Ajv2020().compile(parameters);

/** Every option that the client knows. A new one in its types fails the type check here. */
const ALL_NULL: Record<Exclude<keyof Params, 'input'>, null> = {
  background: null,
  context_management: null,
  conversation: null,
  include: null,
  instructions: null,
  max_output_tokens: null,
  metadata: null,
  model: null,
  moderation: null,
  parallel_tool_calls: null,
  previous_response_id: null,
  prompt: null,
  prompt_cache_key: null,
  prompt_cache_options: null,
  prompt_cache_retention: null,
  reasoning: null,
  safety_identifier: null,
  service_tier: null,
  store: null,
  stream: null,
  stream_options: null,
  temperature: null,
  text: null,
  tool_choice: null,
  tools: null,
  top_logprobs: null,
  top_p: null,
  truncation: null,
  user: null,
};

describe('responses', () => {
  it('are the answers of a chat, with usage and routing headers', async () => {
    const { data, response } = await client.responses
      .create({ model: 'sample', input, max_output_tokens: 12 })
      .withResponse();
    const messages = [{ role: 'user' as const, content: input }];
    const chat = await client.chat.completions.create({ model: 'sample', messages, max_tokens: 12 });
    expect(data.output_text).toBe(chat.choices[0]!.message.content);
    expect(data).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    expect(data.usage).toMatchObject({ input_tokens: chat.usage!.prompt_tokens, output_tokens: 12 });
    expect(response.headers.get('x-cogumi-route')).toBe('code');
  });

  it('are the same streamed, in numbered events', async () => {
    const whole = await ask();
    const types: string[] = [];
    const numbers: number[] = [];
    const stream = client.responses.stream({ model: 'sample', input, max_output_tokens: 12 });
    stream.on('event', ({ type, sequence_number }) => {
      types.push(type);
      numbers.push(sequence_number);
    });
    const streamed = await stream.finalResponse();
    expect(streamed.output_text).toBe(whole.output_text);
    expect(streamed.usage).toEqual(whole.usage);
    expect(numbers).toEqual(numbers.map((_, at) => at));
    expect(types.slice(0, 4)).toEqual([
      ...['response.created', 'response.in_progress', 'response.output_item.added', 'response.content_part.added'],
    ]);
    expect(types.slice(-4)).toEqual([
      ...[
        'response.output_text.done',
        'response.content_part.done',
        'response.output_item.done',
        'response.incomplete',
      ],
    ]);
  });

  it('take instructions, messages with and without a type, and null for every option', async () => {
    const plain = await ask();
    const part = [{ type: 'input_text' as const, text: input }];
    expect((await ask({ input: [{ role: 'user', content: part }] })).output_text).toBe(plain.output_text);
    const nulls = await client.responses.create({ ...ALL_NULL, input, max_output_tokens: 12 } as unknown as Params);
    expect(nulls.output_text).toBe(plain.output_text);
    expect((await ask({ instructions: 'Be brief.' })).usage!.input_tokens).toBeGreaterThan(plain.usage!.input_tokens);
  });

  it('take their own output as the next input', async () => {
    const first = await ask();
    const more = await ask({
      input: [
        { role: 'user', content: input },
        ...(first.output as OpenAI.Responses.ResponseInputItem[]),
        { role: 'user', content: 'And now?' },
      ],
    });
    expect(more.usage!.input_tokens).toBeGreaterThan(first.usage!.input_tokens + 10);
  });

  it('call a function that is demanded with valid arguments, streamed or not, and take its output', async () => {
    const answer = await ask({ ...demanded, max_output_tokens: 200 });
    const call = answer.output[0] as OpenAI.Responses.ResponseFunctionToolCall;
    expect(call).toMatchObject({ type: 'function_call', name: 'weather', status: 'completed' });
    expect(valid(JSON.parse(call.arguments))).toBe(true);
    expect(answer.status).toBe('completed');
    const stream = client.responses.stream({ model: 'sample', input, ...demanded, max_output_tokens: 200 });
    let written = '';
    stream.on('response.function_call_arguments.delta', ({ delta }) => {
      written += delta;
    });
    expect(((await stream.finalResponse()).output[0] as typeof call).arguments).toBe(call.arguments);
    expect(written).toBe(call.arguments);
    const output = { type: 'function_call_output' as const, call_id: call.call_id, output: '21 degrees' };
    const next = await ask({
      input: [{ role: 'user', content: input }, ...(answer.output as OpenAI.Responses.ResponseInputItem[]), output],
      tools,
    });
    expect(next.status).toBe('incomplete');
  });

  it('keep to a schema, and report log-probabilities', async () => {
    const { output, output_text } = await ask({
      text: { format: { type: 'json_schema', name: 'a', schema: { enum: ['yes', null] } } },
      include: ['message.output_text.logprobs'],
      top_logprobs: 2,
    });
    expect(['yes', null]).toContain(JSON.parse(output_text));
    const [part] = (output[0] as OpenAI.Responses.ResponseOutputMessage)
      .content as OpenAI.Responses.ResponseOutputText[];
    expect(part!.logprobs!.map(({ token }) => token).join('')).toBe(output_text);
    expect(part!.logprobs![0]!.top_logprobs).toHaveLength(2);
  });

  it.each([
    [{ previous_response_id: 'resp_1' }, 'previous_response_id'],
    [{ store: true }, 'store'],
    [{ background: true }, 'background'],
    [{ reasoning: { effort: 'high' } }, 'reasoning'],
    [{ tools: [{ type: 'web_search' }] }, 'tools[0].type'],
    [{ input: [{ type: 'item_reference', id: 'a' }] }, 'input[0].type'],
    [{ input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:,' }] }] }, 'input[0].content'],
    [{ text: { format: { type: 'json_schema', name: 'a', schema: { not: {} } } } }, 'text.format.schema'],
    [{ tool_choice: 'required' }, 'tool_choice'],
    [{ n: 2 }, 'n'],
    [{ input: '\n'.repeat(400_000) }, 'input'],
  ])('refuse by name what is not supported: %#', async (fields, param) => {
    const error = await ask(fields as Partial<Params>).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BadRequestError);
    expect((error as InstanceType<typeof BadRequestError>).param).toBe(param);
  });
});
