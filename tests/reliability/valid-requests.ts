import type { Json } from './nasty-values.ts';

/** Stands in texts for the secret of a request. It has the length of one. */
export const SECRET = 'zq00000000qz';

export interface Target {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Bodies that are answered, from which the others are made. */
  readonly bodies: readonly { readonly [key: string]: Json }[];
  /** Fields that hold a schema, as paths. */
  readonly schemas?: readonly (readonly (string | number)[])[];
  /** In whose shape its errors come. */
  readonly errors: 'openai' | 'anthropic';
}

const schema: Json = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'array', items: { enum: [1, 2] }, maxItems: 2 } },
  required: ['city'],
};
const user = { role: 'user', content: `Hello, I am ${SECRET}` };
const openAiTool = { type: 'function', function: { name: 'weather', description: SECRET, parameters: schema } };
const dice = { temperature: 1, top_p: 0.9, top_k: 20, min_p: 0.05, seed: 7 };

const chat: Target = {
  method: 'POST',
  path: '/v1/chat/completions',
  errors: 'openai',
  bodies: [
    { model: 'sample', messages: [user], max_tokens: 2 },
    {
      model: 'sample:base',
      messages: [{ role: 'system', content: SECRET }, user],
      max_tokens: 3,
      stream: true,
      ...dice,
    },
    {
      model: 'sample:code',
      messages: [
        user,
        { role: 'assistant', content: 'Yes?' },
        { role: 'user', content: [{ type: 'text', text: SECRET }] },
      ],
      max_completion_tokens: 2,
      n: 2,
      stop: ['a', SECRET],
      logprobs: true,
      top_logprobs: 3,
      stream: true,
      stream_options: { include_usage: true },
    },
    {
      messages: [user],
      max_tokens: 12,
      response_format: { type: 'json_schema', json_schema: { name: 'trip', strict: true, schema } },
    },
    { messages: [user], max_tokens: 12, tools: [openAiTool], tool_choice: 'required', stream: true },
    {
      messages: [
        user,
        {
          role: 'assistant',
          tool_calls: [{ id: 'a', type: 'function', function: { name: 'weather', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'a', content: SECRET },
      ],
      max_tokens: 2,
      tools: [openAiTool],
      logit_bias: { '100': 5, '7': -100 },
      frequency_penalty: 0.5,
      user: SECRET,
    },
  ],
  schemas: [
    ['response_format', 'json_schema', 'schema'],
    ['tools', 0, 'function', 'parameters'],
  ],
};

const completions: Target = {
  method: 'POST',
  path: '/v1/completions',
  errors: 'openai',
  bodies: [
    { model: 'sample:base', prompt: `Once upon a time ${SECRET}`, max_tokens: 2 },
    { prompt: [1, 306, 626], max_tokens: 2, stream: true, user: SECRET, ...dice },
    { prompt: [SECRET, 'The dog', 'One day'], max_tokens: 2, n: 2, stream: true },
    {
      prompt: [
        [1, 306],
        [1, 626, 5],
        [1, 7],
      ],
      max_tokens: 1,
      echo: true,
      logprobs: 1,
    },
    { model: 'sample', prompt: SECRET, max_tokens: 3, logprobs: 2, n: 2, stop: SECRET, repetition_penalty: 1.1 },
  ],
};

const embeddings: Target = {
  method: 'POST',
  path: '/v1/embeddings',
  errors: 'openai',
  bodies: [
    { model: 'sample', input: SECRET },
    { input: [SECRET, 'and', 'more'], encoding_format: 'base64', user: SECRET },
    { input: [[1, 2], [3]], encoding_format: 'float' },
  ],
};

const responses: Target = {
  method: 'POST',
  path: '/v1/responses',
  errors: 'openai',
  bodies: [
    { model: 'sample', input: `Hi, ${SECRET}`, max_output_tokens: 2 },
    {
      input: [{ role: 'user', content: [{ type: 'input_text', text: SECRET }] }],
      instructions: SECRET,
      max_output_tokens: 3,
      stream: true,
      metadata: { who: SECRET },
    },
    {
      input: 'Hi',
      max_output_tokens: 12,
      text: { format: { type: 'json_schema', name: 'trip', schema } },
      user: SECRET,
    },
    {
      input: [
        { role: 'user', content: SECRET },
        { type: 'function_call', call_id: 'a', name: 'weather', arguments: '{}' },
        { type: 'function_call_output', call_id: 'a', output: SECRET },
      ],
      max_output_tokens: 12,
      tools: [{ type: 'function', name: 'weather', parameters: schema }],
      tool_choice: 'required',
      stream: true,
    },
  ],
  schemas: [
    ['text', 'format', 'schema'],
    ['tools', 0, 'parameters'],
  ],
};

const anthropicTool = { name: 'weather', description: SECRET, input_schema: schema };
const anthropic = [
  { model: 'sample', messages: [user] },
  {
    model: 'sample:code',
    system: [{ type: 'text', text: SECRET, cache_control: { type: 'ephemeral' } }],
    messages: [user],
  },
  {
    messages: [
      user,
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'weather', input: { city: SECRET } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: SECRET }] },
    ],
    tools: [anthropicTool],
  },
  { messages: [user], tools: [anthropicTool], tool_choice: { type: 'any' } },
];
const anthropicSchemas = [['tools', 0, 'input_schema']];

const messages: Target = {
  method: 'POST',
  path: '/v1/messages',
  errors: 'anthropic',
  bodies: anthropic.map((body, at) => ({
    ...body,
    max_tokens: at === 3 ? 12 : 2,
    stream: at % 2 === 1,
    stop_sequences: [SECRET],
    ...(at === 1 ? { temperature: 1, top_k: 5 } : {}),
  })),
  schemas: anthropicSchemas,
};

const countTokens: Target = {
  method: 'POST',
  path: '/v1/messages/count_tokens',
  errors: 'anthropic',
  bodies: anthropic,
  schemas: anthropicSchemas,
};

const tokenize: Target = {
  method: 'POST',
  path: '/tokenize',
  errors: 'openai',
  bodies: [{ content: SECRET }, { content: `</s>${SECRET}`, add_special: true }],
};

const detokenize: Target = {
  method: 'POST',
  path: '/detokenize',
  errors: 'openai',
  bodies: [{ tokens: [1, 306, 626, 31_999] }, { tokens: [] }],
};

const get = (path: string): Target => ({ method: 'GET', path, errors: 'openai', bodies: [] });

/** Everything that the server answers, by the name that the results use. */
export const TARGETS: Readonly<Record<string, Target>> = {
  'chat/completions': chat,
  completions,
  embeddings,
  responses,
  messages,
  'messages/count_tokens': countTokens,
  tokenize,
  detokenize,
  models: get('/v1/models'),
  'models/:id': get('/v1/models/sample:code'),
  metrics: get('/metrics'),
  health: get('/health'),
  'openapi.json': get('/openapi.json'),
};
