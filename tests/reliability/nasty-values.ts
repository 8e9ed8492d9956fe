import fc from 'fast-check';

/** Text that is written into JSON as it stands, also if it is no JSON. */
export class Raw {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Json = null | boolean | number | string | Raw | readonly Json[] | { readonly [key: string]: Json };

export function write(value: Json): string {
  if (value instanceof Raw) return value.text;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(write).join()}]`;
  return `{${Object.entries(value)
    .map(([key, own]) => `${JSON.stringify(key)}:${write(own)}`)
    .join()}}`;
}

const raw = (...texts: string[]) => texts.map((text) => new Raw(text));
const nested = (open: string, close: string, depth: number) => new Raw(open.repeat(depth) + close.repeat(depth));

/** Numbers at and beyond what fields, doubles and llama.cpp hold. */
const NUMBERS: readonly Json[] = [
  ...[0, -1, 1, 0.5, -0.5, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53, 1e9, 1e15, 1e308, 5e-324],
  ...raw('1e400', '-1e400', '-0', '18446744073709551616', `1${'0'.repeat(400)}`, '0.1e-400', '00', '+1', '.5', '0x10'),
  ...raw('NaN', 'Infinity', 'nul', 'undefined', '1,', '}'),
];

/** Texts: of control tokens, broken Unicode, paths, templates, and long ones. */
export const TEXTS: readonly Json[] = [
  ...[
    '',
    ' ',
    '\n',
    '\0',
    '</s>',
    '<s></s><unk><|im_end|><|im_start|>system',
    '[INST] <<SYS>>',
    '{{ messages }}{% for %}',
  ],
  ...[
    '{%- if x %}',
    '__proto__',
    'constructor',
    'toString',
    '../../../etc/passwd',
    'file:///etc/passwd',
    '%00%2e%2e%2f',
  ],
  ...[
    '\u202e\u200b\ufeff',
    '🦙'.repeat(50),
    'e\u0301'.repeat(50),
    '汉'.repeat(300),
    'aZ9-'.repeat(700),
    '\r\nset-cookie: a=b',
  ],
  ...[' '.repeat(5000), 'x'.repeat(20_000), 'the quick brown fox '.repeat(2000), '</s>'.repeat(3000)],
  ...raw(
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\u0000\\u001f\\u007f"',
    '"\\x"',
    '"unclosed',
    `"${'\\u0061'.repeat(500)}"`,
    '"\t"',
  ),
];

const STRUCTURES: readonly Json[] = [
  ...[null, true, false, [], {}, [null], [[]], { a: null }, { type: 'text' }, { role: 'user' }, ['a', 1, null]],
  ...[nested('[', ']', 50), nested('[', ']', 20_000), nested('{"a":', '}', 20_000), nested('[', '', 5000)],
  ...raw(
    '{"a":1,"a":2}',
    '{"__proto__":{"stream":true}}',
    '[1,]',
    '{"a":1,}',
    `[${'0,'.repeat(9000)}0]`,
    `[${'{},'.repeat(3000)}{}]`,
  ),
];

const MODELS: readonly Json[] = [
  ...[
    'sample',
    'sample:base',
    'sample:code',
    'sample:reasoning',
    'SAMPLE',
    'sample:',
    ':',
    'sample:base:base',
    'sample:../base',
  ],
  ...[
    '../../etc/passwd',
    '/etc/passwd',
    'sample:__proto__',
    'constructor',
    'sample\u0000',
    '%2e%2e%2fsample',
    'sample:code ',
  ],
  ...['a'.repeat(50_000), 'sample:cod', "sample' OR 1=1", '$(reboot)', '\u202esample'],
];

/** Schemas that repeat, refer to themselves, or ask for more than a grammar can hold. */
const schemas = (): readonly Json[] => {
  const object = (properties: { readonly [key: string]: Json }): Json => ({ type: 'object', properties });
  const string = (fields: { readonly [key: string]: Json }): Json => ({ type: 'string', ...fields });
  const defs = (count: number, body: (next: number) => Json) => ({
    $ref: '#/$defs/d0',
    $defs: {
      ...Object.fromEntries(Array.from({ length: count }, (_, at) => [`d${at}`, body(at + 1)])),
      [`d${count}`]: {},
    },
  });
  return [
    ...[
      { $ref: '#' },
      { $ref: '#/a' },
      { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } },
    ],
    ...[
      { $ref: 'http://127.0.0.1:1/schema' },
      { $ref: '../../etc/passwd' },
      { $ref: 7 },
      { $ref: '#/$defs/__proto__' },
    ],
    ...[
      { allOf: [{ $ref: '#' }] },
      { not: { $ref: '#' } },
      { anyOf: [{ $ref: '#' }, { type: 'null' }] },
      { items: { $ref: '#' } },
    ],
    defs(40, (next) => ({ items: { allOf: [{ $ref: `#/$defs/d${next}` }, { $ref: `#/$defs/d${next}` }] } })),
    defs(12, (next) => ({ anyOf: Array(12).fill({ $ref: `#/$defs/d${next}` }) as Json[] })),
    ...[
      '^(a+)+$',
      '(a|a)*b',
      `${'('.repeat(3000)}${')'.repeat(3000)}`,
      'a{1,1000000000}',
      '(a{1000}){1000}',
      '[',
      '\\',
      '(?<=a)b',
    ].map((pattern) => object({ a: string({ pattern }) })),
    ...['[^\\d-\\w]', '\\p{L}+', '(?i)a', '^a|b$', '\\u{10ffff}', '.{0,99999}', 'a**', '(?:a|b|c){0,50}{0,50}'].map(
      (pattern) => string({ pattern }),
    ),
    ...[
      { minLength: 1e9 },
      { maxLength: 1e9 },
      { minLength: 5, maxLength: 1 },
      { format: 'date-time' },
      { format: 'x' },
    ].map(string),
    { type: 'array', minItems: 1e9 },
    { type: 'array', minItems: 500, items: { type: 'array', minItems: 500 } },
    { type: 'array', maxItems: 1e15, uniqueItems: true },
    { type: 'number', multipleOf: 1e-300, minimum: 1e308, maximum: -1e308 },
    { type: 'integer', minimum: -1e30, maximum: 1e30 },
    { enum: Array.from({ length: 2000 }, (_, at) => `value ${at}`) },
    { const: 'x'.repeat(50_000) },
    { const: new Raw('1e400') },
    object(Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`p${at}`, { enum: ['"', '\\', '\n'] }]))),
    object({ '"\\\n\u0000': { const: null }, ']{}|*+?()': { type: ['string', 'null', 'x'] } }),
    { oneOf: Array.from({ length: 300 }, (_, at) => object({ a: { const: at } })) },
    {
      type: 'object',
      required: ['a', 'a', 7],
      additionalProperties: { $ref: '#' },
      patternProperties: { '(a+)+': true },
    },
    new Raw(
      '{"if":{"$ref":"#"},"then":false,"else":true,"dependentSchemas":{"a":{"$ref":"#"}},"unevaluatedProperties":false}',
    ),
    ...[
      true,
      false,
      null,
      [],
      'string',
      { type: 'null' },
      { type: [] },
      { enum: [] },
      { type: 'object', minProperties: 1e9 },
    ],
    nested('{"items":', '}', 2000),
    nested('{"properties":{"a":', '}}', 60),
  ];
};
export const SCHEMAS = schemas();

const pool = (...lists: readonly (readonly Json[])[]) => fc.constantFrom(...lists.flat());

/** Any value that a field may not expect. */
export const nastyValue: fc.Arbitrary<Json> = fc.oneof(
  { weight: 4, arbitrary: pool(NUMBERS) },
  { weight: 4, arbitrary: pool(TEXTS) },
  { weight: 4, arbitrary: pool(STRUCTURES) },
  { weight: 2, arbitrary: pool(MODELS) },
  { weight: 2, arbitrary: pool(SCHEMAS) },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json> },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
);

export const nastyModel: fc.Arbitrary<Json> = pool(MODELS);
export const nastySchema: fc.Arbitrary<Json> = pool(SCHEMAS);

/** Names of fields: of all APIs, of objects in JavaScript, and none. */
export const KEYS = [
  ...[
    'model',
    'messages',
    'prompt',
    'input',
    'content',
    'tokens',
    'system',
    'instructions',
    'max_tokens',
    'max_completion_tokens',
  ],
  ...[
    'max_output_tokens',
    'temperature',
    'top_p',
    'top_k',
    'min_p',
    'seed',
    'stop',
    'stop_sequences',
    'stream',
    'stream_options',
  ],
  ...[
    'n',
    'best_of',
    'echo',
    'suffix',
    'logprobs',
    'top_logprobs',
    'logit_bias',
    'frequency_penalty',
    'presence_penalty',
  ],
  ...[
    'repetition_penalty',
    'tools',
    'tool_choice',
    'parallel_tool_calls',
    'response_format',
    'text',
    'metadata',
    'user',
    'thinking',
  ],
  ...[
    'include',
    'previous_response_id',
    'store',
    'encoding_format',
    'dimensions',
    'add_special',
    'with_pieces',
    'parse_special',
  ],
  ...[
    'role',
    'name',
    'type',
    'id',
    'call_id',
    'tool_calls',
    'tool_call_id',
    'tool_use_id',
    'arguments',
    'function',
    'parameters',
  ],
  ...[
    'input_schema',
    'cache_control',
    'output_config',
    'service_tier',
    'grammar',
    'lora',
    'cache_prompt',
    'id_slot',
    'adapter',
  ],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'temprature', '\u0000', 'x'.repeat(300)],
];
