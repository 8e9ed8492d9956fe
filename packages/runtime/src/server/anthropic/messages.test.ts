import Anthropic, { AuthenticationError, BadRequestError, NotFoundError } from '@anthropic-ai/sdk';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedSample, serveSample } from '../../testing/serve-sample.ts';
import { startServer } from '../start-server.ts';

let sample: ServedSample;
let client: Anthropic;
beforeAll(async () => {
  sample = await serveSample({ contextTokens: 2048 });
  client = new Anthropic({ baseURL: sample.server.url, apiKey: 'none', maxRetries: 0 });
});
afterAll(() => sample?.close());

const question = { role: 'user' as const, content: 'How warm is it in Rome?' };
const base = { model: 'sample', max_tokens: 12, messages: [question] };
type Params = Anthropic.MessageCreateParamsNonStreaming;
const ask = (fields: object = {}) => client.messages.create({ ...base, ...fields } as Params);
const textOf = ({ content }: Anthropic.Message) =>
  content.map((block) => (block.type === 'text' ? block.text : '')).join('');

const input_schema = {
  type: 'object' as const,
  properties: { city: { type: 'string', maxLength: 8 }, unit: { enum: ['C', 'F'] } },
  required: ['city', 'unit'],
};
const tools = [{ name: 'weather', description: 'The weather of a city.', input_schema }];
const valid = new Ajv2020().compile(input_schema);

/** Tokens of the prompt, read or from the cache. */
function promptOf({ usage }: Pick<Anthropic.Message, 'usage'>): number {
  return usage.input_tokens + (usage.cache_read_input_tokens ?? 0);
}

describe('messages', () => {
  it('say how much of the prompt the prefix cache had', async () => {
    await sample.measured();
    const messages = [{ role: 'user' as const, content: 'Tell me a story of a fox, a hen and a long winter.' }];
    const first = await ask({ messages });
    const again = await ask({ messages });
    expect(again.usage.cache_read_input_tokens).toBeGreaterThan(10);
    expect(again.usage.cache_read_input_tokens).toBeGreaterThan(first.usage.cache_read_input_tokens ?? 0);
    expect(promptOf(again)).toBe(promptOf(first));
  });

  it('are the answers of a chat, with usage and routing headers', async () => {
    const { data, response } = await client.messages.create(base).withResponse();
    const chat = await sample.client.chat.completions.create({ model: 'sample', messages: [question], max_tokens: 12 });
    expect(textOf(data)).toBe(chat.choices[0]!.message.content);
    expect(data).toMatchObject({ type: 'message', role: 'assistant', model: 'sample', stop_reason: 'max_tokens' });
    expect(promptOf(data)).toBe(chat.usage!.prompt_tokens);
    expect(data.usage.output_tokens).toBe(12);
    expect(response.headers.get('x-cogumi-route')).toBe('code');
    expect((data as { _request_id?: string })._request_id).toBe(response.headers.get('x-request-id'));
  });

  it('are the same streamed', async () => {
    const whole = await ask();
    const events: string[] = [];
    const stream = client.messages.stream(base);
    stream.on('streamEvent', ({ type }) => events.push(type));
    const streamed = await stream.finalMessage();
    expect(streamed.content).toEqual(whole.content);
    expect(promptOf(streamed)).toBe(promptOf(whole));
    expect(streamed.usage.output_tokens).toBe(12);
    expect(streamed.stop_reason).toBe('max_tokens');
    expect(events.slice(0, 3)).toEqual(['message_start', 'content_block_start', 'content_block_delta']);
    expect(events.slice(-3)).toEqual(['content_block_stop', 'message_delta', 'message_stop']);
  });

  it('take a system text, blocks and stop sequences; nulls are fields that are not set', async () => {
    const text = { type: 'text', text: question.content, cache_control: { type: 'ephemeral' }, citations: null };
    const same = await ask({
      messages: [{ role: 'user', content: [text] }],
      system: null,
      tools: null,
      metadata: null,
    });
    const plain = await ask();
    expect(textOf(same)).toBe(textOf(plain));
    expect(promptOf(await ask({ system: 'Be brief.' }))).toBeGreaterThan(promptOf(plain));
    const stop = textOf(plain).slice(4, 8);
    const stopped = await ask({ stop_sequences: [stop] });
    expect(stopped).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: stop });
  });

  it('count the tokens of a prompt, with its tools', async () => {
    const plain = await client.messages.countTokens({ model: 'sample', messages: [question] });
    expect(plain.input_tokens).toBe(promptOf(await ask()));
    const more = await client.messages.countTokens({ model: 'sample', messages: [question], tools, system: 'Brief.' });
    expect(more.input_tokens).toBeGreaterThan(plain.input_tokens + 50);
    expect(promptOf(await ask({ tools, system: 'Brief.' }))).toBe(more.input_tokens);
  });

  it('call a tool that is demanded with a valid input, streamed or not, and take its result', async () => {
    const call = { tools, tool_choice: { type: 'tool' as const, name: 'weather', disable_parallel_tool_use: true } };
    const answer = await ask({ ...call, max_tokens: 200 });
    expect(answer.stop_reason).toBe('tool_use');
    const [block] = answer.content as Anthropic.ToolUseBlock[];
    expect(block).toMatchObject({ type: 'tool_use', name: 'weather' });
    expect(valid(block!.input)).toBe(true);
    const streamed = await client.messages.stream({ ...base, ...call, max_tokens: 200 }).finalMessage();
    expect((streamed.content[0] as Anthropic.ToolUseBlock).input).toEqual(block!.input);
    expect(streamed.stop_reason).toBe('tool_use');
    const result = { type: 'tool_result', tool_use_id: block!.id, content: [{ type: 'text', text: '21 degrees' }] };
    const messages = [
      question,
      { role: 'assistant', content: answer.content },
      { role: 'user', content: [result, { type: 'text', text: 'Thanks.' }] },
    ];
    expect((await ask({ messages, tools })).stop_reason).toBe('max_tokens');
  });

  it('keep to a schema', async () => {
    const { stop_reason, ...answer } = await ask({
      output_config: { format: { type: 'json_schema', schema: { enum: ['yes', null] } } },
    });
    expect(['yes', null]).toContain(JSON.parse(textOf(answer as Anthropic.Message)));
    expect(stop_reason).toBe('end_turn');
  });

  it('take the key as their clients send it', async () => {
    const locked = await startServer(sample.runtime, { port: 0, apiKey: 'secret' });
    const own = (apiKey: string) => new Anthropic({ baseURL: locked.url, apiKey, maxRetries: 0 }).messages.create(base);
    expect((await own('secret')).type).toBe('message');
    await expect(own('wrong')).rejects.toBeInstanceOf(AuthenticationError);
    await locked.close();
  });

  it.each([
    [{ model: 'smaple' }, NotFoundError, 'not_found_error', 'Did you mean'],
    [{ max_tokens: undefined }, BadRequestError, 'invalid_request_error', 'max_tokens'],
    [{ temprature: 1 }, BadRequestError, 'invalid_request_error', 'temperature'],
    [{ thinking: { type: 'enabled', budget_tokens: 1024 } }, BadRequestError, 'invalid_request_error', 'thinking'],
    [
      { messages: [question, { role: 'assistant', content: 'It is' }] },
      BadRequestError,
      'invalid_request_error',
      'continue',
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'image', source: {} }] }] },
      BadRequestError,
      'invalid_request_error',
      'messages[0].content',
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'tool_use', id: 'a', name: 'a', input: {} }] }] },
      BadRequestError,
      'invalid_request_error',
      'tool_use',
    ],
    [
      { tools: [{ type: 'web_search_20250305', name: 'web_search' }] },
      BadRequestError,
      'invalid_request_error',
      'tools[0].type',
    ],
    [{ tool_choice: { type: 'tool', name: 'fly' }, tools }, BadRequestError, 'invalid_request_error', 'fly'],
    [
      { messages: [{ role: 'user', content: '\n'.repeat(400_000) }] },
      BadRequestError,
      'invalid_request_error',
      'context',
    ],
  ])("refuse in their clients' own shape what is wrong: %#", async (fields, type, name, says) => {
    const error = await ask(fields).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(type);
    const { error: body, message, requestID } = error as InstanceType<typeof BadRequestError>;
    expect(body).toMatchObject({ type: 'error', error: { type: name } });
    expect(message).toContain(says);
    expect(requestID).toMatch(/^[0-9a-f-]{36}$/);
  });
});
