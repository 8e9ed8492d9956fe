import { Row } from '@cogumi/contracts';
import { createRandom, type Random } from '@cogumi/pure';
import { slowness } from '@cogumi/pure/testing';
import { describe, expect, it } from 'vitest';
import { mapRecord, type SourceFacts } from './map-record.ts';
import { SHAPES } from './shapes/find-shape.ts';

/** Records whose fields were damaged at random: each becomes a sound row or a rejection that says why, and soon. */
const MUTATIONS = Number(process.env.COGUMI_MUTATIONS ?? 4000);
/** A record of these takes 0.1 ms; a busy machine may stop the process for a while (chosen). */
const MOST_MS = 1000;
const facts: SourceFacts = { source: 's', licence: 'MIT', terms: null, domain: null, maxCharacters: 1000 };

const CALL = { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } };
const TOOL = { type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: {} } } };
/** One sound record of each kind. */
const RECORDS: readonly object[] = [
  { instruction: 'Add.', input: '2 3', output: '5' },
  { system: 'Be short.', prompt: 'Hi', completion: 'Hello.' },
  { prompt: [{ role: 'user', content: 'Hi' }], completion: [{ role: 'assistant', content: 'Hello.' }] },
  { context: 'Oslo is a city.', instruction: 'What is Oslo?', response: 'A city.', category: 'qa' },
  { query: 'What is 2 + 3?', response: '5', type: 'MATH' },
  { chosen: '\n\nHuman: Hi\n\nAssistant: Hello.', rejected: '\n\nHuman: Hi\n\nAssistant: No.' },
  { question: 'Natalia sold 48 clips …', answer: '48 / 2 = 24\n#### 24' },
  {
    conversations: [
      { from: 'system', value: 'Be short.' },
      { from: 'human', value: 'Hi' },
      { from: 'gpt', value: '<think>greet</think>Hello.', weight: 1 },
    ],
  },
  {
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'Weather in Oslo?' }] },
      { role: 'assistant', content: null, reasoning_content: 'call it', tool_calls: [CALL] },
      { role: 'tool', tool_call_id: 'c1', content: 'rain' },
      { role: 'assistant', content: 'It rains.' },
    ],
    tools: [TOOL],
  },
  { id: 'q7', messages: '[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello."}]' },
];

const HOSTILE: readonly unknown[] = [
  ...[null, undefined, '', ' ', '\u0000', '\ud800', '\u200b\u00ad', 'null', 'NaN', '[]', '{}', '[[[', '{"role":'],
  ...[
    0,
    -1,
    1e308,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    true,
    false,
    [],
    {},
    [[]],
    [null],
    { role: null },
    [[[[[]]]]],
  ],
  ...['<think>', '</think>', '<think></think>', '\n\nHuman:', '\n\nAssistant:', '####', 'x'.repeat(5000)],
  ...['__proto__', 'constructor', { __proto__: null }, { toString: 1 }, { length: 3 }, { 0: 'a' }],
  ...['user', 'assistant', 'tool', 'developer', 'function', { type: 'image_url' }, { type: 'text', text: 5 }],
];

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Every place of a value that can be changed: its holder and the key. */
function placesOf(value: unknown): [Record<string, unknown>, string][] {
  if (!isObject(value)) return [];
  return Object.keys(value).flatMap((key) => [
    [value, key] as [Record<string, unknown>, string],
    ...placesOf(value[key]),
  ]);
}

const KEYS = ['role', 'from', 'content', 'value', 'tool_calls', 'tools', 'weight', '__proto__'] as const;

/** As a parser of JSON sets it: `__proto__` becomes a key like any other. */
function put(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

/** Changes one place: another value, another key, a copy of a neighbour, or nothing at all where it was. */
function damage(record: Record<string, unknown>, random: Random): void {
  const places = placesOf(record);
  if (places.length === 0) return;
  const [holder, key] = random.pick(places);
  const [other, otherKey] = random.pick(places);
  const ways = [
    () => put(holder, key, structuredClone(random.pick(HOSTILE))),
    () => put(holder, key, structuredClone(other[otherKey])),
    () => put(holder, random.pick(KEYS), structuredClone(random.pick(HOSTILE))),
    () => delete holder[key],
    () => Array.isArray(holder) && holder.splice(Number(key), 0, structuredClone(holder[Number(key)])),
    () => put(holder, key, JSON.stringify(holder[key])),
    () => put(holder, key, [holder[key]]),
  ];
  random.pick(ways)();
}

describe('damaged records', () => {
  it(`become rows or rejections, ${MUTATIONS} of them`, { timeout: 600_000 + MUTATIONS * 5 }, () => {
    const random = createRandom('damaged records');
    const counts = { row: 0, rejection: 0 };
    const most = MOST_MS * slowness();
    for (let number = 0; number < MUTATIONS; number++) {
      const record = structuredClone(random.pick(RECORDS)) as Record<string, unknown>;
      for (let times = 1 + Math.floor(random.next() * 4); times > 0; times--) damage(record, random);
      const shape = random.pick(SHAPES);
      const began = process.threadCpuUsage();
      const result = mapRecord(record, shape, facts, `s/${number}`);
      const { user, system } = process.threadCpuUsage(began);
      const shown = `${shape.name} ${JSON.stringify(record)?.slice(0, 500)}`;
      expect((user + system) / 1000, shown).toBeLessThan(most);
      if ('code' in result) {
        counts.rejection++;
        expect(result.reason, shown).toMatch(/^\S.*\S$/s);
        expect(result.reason.length, shown).toBeLessThan(1000);
        expect(result.reason, shown).not.toMatch(/undefined|\[object/);
      } else {
        counts.row++;
        const row = Row.safeParse(JSON.parse(JSON.stringify(result.row)));
        expect(row.error?.issues ?? [], shown).toEqual([]);
        expect(row.data?.question.trim(), shown).not.toBe('');
        expect(row.data?.answer.trim(), shown).not.toBe('');
        expect(result.row.question.length + result.row.answer.length, shown).toBeLessThanOrEqual(facts.maxCharacters);
      }
    }
    // Both ways were really taken.
    expect(Math.min(counts.row, counts.rejection)).toBeGreaterThan(MUTATIONS / 50);
  });
});
