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

const schema = {
  type: 'object',
  properties: { city: { type: 'string', maxLength: 8 }, unit: { enum: ['C', 'F'] } },
  required: ['city', 'unit'],
};
const tools: OpenAI.ChatCompletionFunctionTool[] = [
  { type: 'function', function: { name: 'weather', description: 'The weather of a city.', parameters: schema } },
  { type: 'function', function: { name: 'now' } },
];
const question = { role: 'user' as const, content: 'How warm is it in Rome?' };
type Fields = Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>;
const ask = (fields: Fields = {}) =>
  client.chat.completions.create({ model: 'sample', messages: [question], max_tokens: 300, tools, ...fields });
const callsOf = ({ choices }: OpenAI.ChatCompletion) =>
  (choices[0]!.message.tool_calls ?? []) as OpenAI.ChatCompletionMessageFunctionToolCall[];

const named = { type: 'function' as const, function: { name: 'weather' } };
const valid = new Ajv2020().compile(schema);

describe('a call that is demanded', () => {
  it('of one function has arguments that are valid under its schema, greedy and sampled', async () => {
    for (const sampling of [{}, { temperature: 1.2, seed: 1 }, { temperature: 1.2, seed: 2 }]) {
      const answer = await ask({ tool_choice: named, parallel_tool_calls: false, ...sampling });
      const calls = callsOf(answer);
      expect(calls).toHaveLength(1);
      expect(calls[0]).toMatchObject({ type: 'function', function: { name: 'weather' } });
      expect(valid(JSON.parse(calls[0]!.function.arguments)), calls[0]!.function.arguments).toBe(true);
      expect(answer.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
    }
  });

  it('is the same streamed, the arguments in pieces', async () => {
    const whole = callsOf(await ask({ tool_choice: named, parallel_tool_calls: false }))[0]!;
    const stream = await client.chat.completions.create({
      ...{ model: 'sample', messages: [question], max_tokens: 300, tools, tool_choice: named },
      ...{ parallel_tool_calls: false, stream: true },
    });
    const pieces: string[] = [];
    let reason: string | null = null;
    for await (const { choices } of stream) {
      const { delta, finish_reason } = choices[0]!;
      for (const call of delta.tool_calls ?? []) {
        expect(call.index).toBe(0);
        if (call.function?.name !== undefined) expect(call.function.name).toBe('weather');
        pieces.push(call.function?.arguments ?? '');
      }
      reason = finish_reason ?? reason;
    }
    expect(pieces.join('')).toBe(whole.function.arguments);
    expect(pieces.length).toBeGreaterThan(3);
    expect(reason).toBe('tool_calls');
  });

  it('of any function is one of them; several come only where they may', async () => {
    const calls = callsOf(await ask({ tool_choice: 'required', parallel_tool_calls: false, temperature: 1, seed: 4 }));
    expect(calls).toHaveLength(1);
    expect(['weather', 'now']).toContain(calls[0]!.function.name);
    const only = [tools[0]!];
    const many = callsOf(await ask({ tools: only, tool_choice: 'required', temperature: 1, seed: 5, max_tokens: 600 }));
    expect(new Set(many.map(({ id }) => id)).size).toBe(many.length);
    for (const call of many.slice(0, -1)) expect(valid(JSON.parse(call.function.arguments))).toBe(true);
  });

  it('has log-probabilities of its tokens, streamed or not', async () => {
    const answer = await ask({ tool_choice: named, parallel_tool_calls: false, logprobs: true });
    const written = Buffer.from(answer.choices[0]!.logprobs!.content!.flatMap(({ bytes }) => bytes!)).toString();
    expect(written).toContain(callsOf(answer)[0]!.function.arguments);
  });
});

describe('tools', () => {
  it('are told to the model, unless it must not call them', async () => {
    const tokens = async (fields: Fields) => (await ask({ max_tokens: 1, ...fields })).usage!.prompt_tokens;
    const none = await tokens({ tools: [] });
    expect(await tokens({})).toBeGreaterThan(none + 50);
    expect(await tokens({ tool_choice: 'none' })).toBe(none);
    expect(await tokens({ tool_choice: 'auto', parallel_tool_calls: true })).toBe(await tokens({}));
  });

  it('may have any schema where the model decides', async () => {
    const odd = [{ type: 'function' as const, function: { name: 'odd', parameters: { not: {} } } }];
    expect((await ask({ tools: odd, max_tokens: 4 })).choices[0]!.finish_reason).toBe('length');
  });

  it('take their results in the history, of one call or two', async () => {
    const answer = (await ask({ tool_choice: named, parallel_tool_calls: false })).choices[0]!.message;
    const [call] = answer.tool_calls!;
    const result = { role: 'tool' as const, tool_call_id: call!.id, content: '21 degrees' };
    const one = await ask({ messages: [question, answer, result], max_tokens: 4 });
    const twice = { ...answer, content: 'I look.', tool_calls: [call!, { ...call!, id: 'second' }] };
    const two = await ask({
      messages: [question, twice, result, { ...result, tool_call_id: 'second' }],
      max_tokens: 4,
      tool_choice: 'none',
    });
    expect(one.choices[0]!.finish_reason).toBe('length');
    expect(two.choices[0]!.finish_reason).toBe('length');
  });

  it('stand beside a format: the answer is in it, or a call', async () => {
    const answer = await ask({
      response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { enum: ['yes', 'no'] } } },
    });
    const { content, tool_calls } = answer.choices[0]!.message;
    if (!tool_calls) expect(['"yes"', '"no"']).toContain(content);
  });

  it.each([
    [{ tool_choice: 'required', tools: [] }, 'tool_choice'],
    [{ tool_choice: { type: 'function', function: { name: 'fly' } } }, 'tool_choice'],
    [{ tools: [tools[1], tools[1]] }, 'tools'],
    [{ tools: [{ type: 'function', function: { name: 'a b' } }] }, 'tools[0].function.name'],
    [{ tools: [{ type: 'web_search' }] }, 'tools[0].type'],
    [
      { tools: [{ type: 'function', function: { name: 'a', parameters: { not: {} } } }], tool_choice: 'required' },
      'tools[0].function.parameters',
    ],
    [{ functions: [{ name: 'a' }] }, 'functions'],
    [{ tools: Array(129).fill(tools[0]) }, 'tools'],
    [{ messages: [question, { role: 'tool', content: 'x' }] }, 'messages[1].tool_call_id'],
    [{ messages: [question, { role: 'user', content: 'x', tool_call_id: 'x' }] }, 'messages[1].tool_call_id'],
    [
      {
        messages: [
          { ...question, tool_calls: [{ id: 'a', type: 'function', function: { name: 'a', arguments: '' } }] },
        ],
      },
      'messages[0].tool_calls',
    ],
    [{ messages: [question, { role: 'function', name: 'a', content: 'x' }] }, 'messages[1].role'],
  ])('are refused by name where they are wrong: %#', async (fields, param) => {
    const error = await ask(fields as Fields).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BadRequestError);
    expect((error as InstanceType<typeof BadRequestError>).param).toBe(param);
  });
});
