import type OpenAI from 'openai';
import { BadRequestError } from 'openai';
import { afterAll, describe, expect, it } from 'vitest';
import { serveSample } from '../testing/serve-sample.ts';

const sample = await serveSample();
const { client } = sample;
afterAll(() => sample.close());

type Params = OpenAI.ChatCompletionCreateParamsNonStreaming;
const question = { role: 'user' as const, content: 'Hello there, how are you?' };

/** What `reply.model_dump()` of the Python client (openai 2.x) gives for an answer of this server. */
const pythonDump = (content: string) => ({
  content,
  refusal: null,
  role: 'assistant',
  annotations: null,
  audio: null,
  function_call: null,
  tool_calls: null,
});

/** Every option that the client knows. A new one in its types fails the type check here. */
const ALL_NULL: Record<Exclude<keyof Params, 'messages'>, null> = {
  model: null,
  audio: null,
  frequency_penalty: null,
  function_call: null,
  functions: null,
  logit_bias: null,
  logprobs: null,
  max_completion_tokens: null,
  max_tokens: null,
  metadata: null,
  modalities: null,
  moderation: null,
  n: null,
  parallel_tool_calls: null,
  prediction: null,
  presence_penalty: null,
  prompt_cache_key: null,
  prompt_cache_options: null,
  prompt_cache_retention: null,
  reasoning_effort: null,
  response_format: null,
  safety_identifier: null,
  seed: null,
  service_tier: null,
  stop: null,
  store: null,
  stream: null,
  stream_options: null,
  temperature: null,
  tool_choice: null,
  tools: null,
  top_logprobs: null,
  top_p: null,
  user: null,
  verbosity: null,
  web_search_options: null,
};

const ask = (body: object) => client.chat.completions.create({ max_tokens: 2, ...body } as unknown as Params);

async function refusal(body: object): Promise<{ param: string | null | undefined; message: string }> {
  const error = await ask(body).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(BadRequestError);
  const { param, message } = error as InstanceType<typeof BadRequestError>;
  return { param, message };
}

describe('the second turn of a client', () => {
  it('may hold the answer as the Python client dumps it', async () => {
    const first = await ask({ messages: [question] });
    const { content } = first.choices[0]!.message;
    const second = await ask({ messages: [question, pythonDump(content!), question] });
    expect(second.usage!.prompt_tokens).toBeGreaterThan(first.usage!.prompt_tokens);
  });

  it('may hold the answer as the Node client returns it, or as a proxy extends it', async () => {
    const reply = (await ask({ messages: [question] })).choices[0]!.message;
    await ask({ messages: [question, reply, question] });
    const extended = { ...pythonDump('Hi.'), reasoning_content: null, provider_specific_fields: null, tool_calls: [] };
    await ask({ messages: [question, extended, question] });
  });

  it('is the same question with every option null, and with nulls inside messages and parts', async () => {
    await sample.measured();
    const plain = await ask({ messages: [question] });
    const nulls = { name: null, refusal: null, tool_calls: null, tool_call_id: null, annotations: null, audio: null };
    const content = [{ type: 'text', text: question.content, annotations: null, prompt_cache_breakpoint: null }];
    const answer = await ask({
      ...ALL_NULL,
      messages: [{ ...nulls, function_call: null, role: 'user', content }],
      max_tokens: 2,
      stop: null,
    });
    expect(answer.choices[0]!.message.content).toBe(plain.choices[0]!.message.content);
    // The same tokens, all but the last of them from the cache.
    expect(answer.usage).toMatchObject({ total_tokens: plain.usage!.total_tokens });
    expect(answer.usage?.prompt_tokens_details?.cached_tokens).toBe(plain.usage!.prompt_tokens - 1);
  });
});

describe('what the server does not do', () => {
  it.each([
    [
      { ...pythonDump('Hi.'), function_call: { name: 'f', arguments: '{}' } },
      'messages[1].function_call',
      'the older form',
    ],
    [{ role: 'function', name: 'f', content: '3' }, 'messages[1].role', 'the role "function"'],
    [{ ...pythonDump('Hi.'), audio: { id: 'a' } }, 'messages[1].audio', 'audio'],
    [{ ...pythonDump('Hi.'), refusal: 'No.' }, 'messages[1].refusal', '"No."'],
    [{ role: 'assistant', content: null }, 'messages[1].content', 'must be text'],
    [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:,' } }] }, 'messages[1].content', 'images'],
    [null, 'messages[1]', 'expected object'],
  ])('is refused by name: %j', async (message, param, says) => {
    const refused = await refusal({ messages: [question, message, question] });
    expect(refused.param).toBe(param);
    expect(refused.message).toContain(says);
  });

  it('is refused by name among the options as well', async () => {
    for (const [option, value] of Object.entries({
      modalities: ['audio'],
      functions: [{ name: 'weather' }],
    })) {
      const refused = await refusal({ messages: [question], [option]: value });
      expect(refused.param).toBe(option);
      expect(refused.message).toContain(`does not support "${option}"`);
    }
  });
});
