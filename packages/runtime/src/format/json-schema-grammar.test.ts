import { createRandom } from '@cogumi/pure';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { matches, randomText } from '../testing/grammar-texts.ts';
import { schemaLanguage } from './json-schema-grammar.ts';

const random = createRandom('grammars of schemas');
const ajv = () => new Ajv2020({ strict: false, validateFormats: false, ownProperties: true, logger: false });

/** Every text that the grammar makes is valid under ajv. @returns The number of different values. */
function checkTexts(schema: object, texts = 60): number {
  const { root, rules } = schemaLanguage(schema);
  const valid = ajv().compile(schema);
  const seen = new Set<string>();
  for (let at = 0; at < texts; at++) {
    const text = randomText(root, rules, () => random.next());
    expect(valid(JSON.parse(text)), `${text} under ${JSON.stringify(schema)}`).toBe(true);
    seen.add(JSON.stringify(JSON.parse(text)));
  }
  return seen.size;
}

function takes(schema: unknown, value: unknown): boolean {
  const { root, rules } = schemaLanguage(schema);
  return matches(root, rules, JSON.stringify(value));
}

const object = (properties: object, fields: object = {}) => ({ type: 'object', properties, ...fields });

describe('jsonSchemaGrammar', () => {
  it.each([
    object({ a: { type: 'string' }, b: { type: 'number' } }, { required: ['b'] }),
    object({ a: true, b: false, 'ü "q"\\': { type: 'null' } }, { required: ['c'] }),
    object({}, { additionalProperties: { type: 'integer' }, minProperties: 1, maxProperties: 2 }),
    object({}, { propertyNames: { enum: ['red', 'blue'] }, additionalProperties: { type: 'boolean' } }),
    { type: 'array', items: { type: ['string', 'null'] }, minItems: 2, maxItems: 4 },
    { type: 'array', prefixItems: [{ const: 1 }, { type: 'string' }], items: { type: 'boolean' }, minItems: 1 },
    { type: 'array', prefixItems: [{ const: 1 }, false], minItems: 1 },
    { type: 'string', minLength: 2, maxLength: 5 },
    { anyOf: [{ type: 'string' }, { type: 'integer', minimum: 5 }], maximum: 7 },
    { allOf: [object({ a: { minimum: 2 } }), object({ a: { type: 'integer', maximum: 4 } }, { required: ['a'] })] },
    { allOf: [object({ a: true, b: true }, { additionalProperties: false }), object({ b: { const: 1 }, c: true })] },
    { allOf: [{ prefixItems: [{ minimum: 3 }] }], type: 'array', items: { type: 'number', minimum: 5 } },
    { allOf: [{ enum: [1, 'a', { b: 1 }] }, { enum: ['a', { b: 1 }, 2] }] },
    {
      $defs: { tree: object({ kids: { type: 'array', items: { $ref: '#/$defs/tree' }, maxItems: 2 } }) },
      $ref: '#/$defs/tree',
    },
    ...['date', 'time', 'date-time', 'uuid', 'ipv4'].map((format) => ({ type: 'string', format })),
    true,
  ])('makes valid texts alone: %#', (schema) => {
    expect(checkTexts(schema as object)).toBeGreaterThan(0);
  });

  it('makes numbers within bounds alone, and more than a few', () => {
    for (let round = 0; round < 28; round++) {
      const [one, other] = [random.next(), random.next()].map((part) =>
        Math.round((part - 0.5) * 10 ** (1 + (round % 7))),
      );
      const [low, high] = [Math.min(one!, other!), Math.max(one!, other!)];
      const fraction = round % 3 === 0 ? 0.25 : 0;
      for (const type of ['integer', 'number']) {
        const bounds = [
          { minimum: low, maximum: high + 2 },
          { exclusiveMinimum: low - fraction, exclusiveMaximum: high + 3 },
          { minimum: low - fraction },
          { maximum: high },
          { exclusiveMinimum: low },
        ];
        for (const bound of bounds) expect(checkTexts({ type, ...bound }, 15)).toBeGreaterThan(2);
      }
    }
  });

  it('takes the ends of integer ranges, and what lies in the middle', () => {
    for (const [minimum, maximum] of [
      [0, 9],
      [7, 1234],
      [-120, -7],
      [-5, 99],
      [100, 100],
      [1000, 1999],
    ] as const) {
      const schema = { type: 'integer', minimum, maximum };
      for (const value of [minimum, maximum, Math.round((minimum + maximum) / 2)])
        expect(takes(schema, value)).toBe(true);
      for (const value of [minimum - 1, maximum + 1]) expect(takes(schema, value)).toBe(false);
    }
  });

  it('takes every order-keeping choice of optional properties', () => {
    const schema = object({ a: true, b: true, c: true }, { required: ['b'] });
    for (const value of [{ b: 1 }, { a: 1, b: 1 }, { b: 1, c: 1 }, { a: 1, b: 1, c: 1 }])
      expect(takes(schema, value)).toBe(true);
    for (const value of [{}, { a: 1 }, { a: 1, c: 1 }]) expect(takes(schema, value)).toBe(false);
  });

  it('takes each of many listed values that begin alike, and nothing between them', () => {
    const listed = ['', 'a', 'ab', 'abc', 'abd', 'b', 'ü', '🦙', '🦚', 12, 1, -1, null, { a: 1 }, { a: 2 }];
    for (const value of listed) expect(takes({ enum: listed }, value)).toBe(true);
    for (const value of ['abe', 'abcd', '🦛', 11, 2, { a: 3 }, {}]) expect(takes({ enum: listed }, value)).toBe(false);
    expect(checkTexts({ enum: listed }, 600)).toBe(listed.length);
  });

  it('takes strings of the length in characters, not in UTF-16 units', () => {
    expect(takes({ type: 'string', maxLength: 2 }, '🦙🦙')).toBe(true);
    expect(takes({ type: 'string', maxLength: 1 }, '🦙🦙')).toBe(false);
  });

  it.each([
    [{ type: 'number', multipleOf: 0.1 }, '/multipleOf'],
    [{ type: 'array', uniqueItems: true }, '/uniqueItems'],
    [{ patternProperties: { a: true } }, '/patternProperties'],
    [object({ a: true }, { minProperties: 1 }), '/minProperties'],
    [{ enum: ['a'], minLength: 3 }, '/minLength'],
    [{ properties: { a: { $id: 'http://a/', $ref: '#/x' } } }, '/properties/a/$id'],
    [{ allOf: [{ pattern: 'a' }, { pattern: 'b' }] }, '/pattern'],
    [{ enum: Array.from({ length: 1001 }, (_, at) => at) }, '/enum'],
    [object(Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`p${at}`, true]))), 'optional'],
    [{ anyOf: Array(65).fill({ type: 'string' }) }, 'alternatives'],
    [{ allOf: Array(7).fill({ anyOf: [{ minimum: 1 }, { maximum: 2 }] }) }, 'alternatives'],
    [{ type: 'array', items: { enum: [] }, minItems: 1 }, 'No value'],
    [{ properties: { a: { items: { nothing: 1 } } } }, '/properties/a/items/nothing'],
  ])('refuses what it cannot cover: %#', (schema, says) => {
    expect(() => schemaLanguage(schema)).toThrow(says);
  });
});
