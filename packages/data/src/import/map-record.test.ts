import { parseExactJson } from '@cogumi/pure';
import { describe, expect, it } from 'vitest';
import { sampleRow } from '../testing/sample-row.ts';
import { mapRecord } from './map-record.ts';
import { findShape, shapeNamed } from './shapes/find-shape.ts';
import { fieldAt, mappedShape } from './shapes/mapping.ts';

const source = { source: 's', licence: 'MIT', terms: null, domain: null, maxCharacters: 1000 } as const;

/** Maps a record by the shape that is detected for it. */
function read(record: object, facts: Partial<typeof source> = {}) {
  const shape = findShape([record]);
  if (!shape) return 'no shape';
  const result = mapRecord(record, shape, { ...source, ...facts }, 'x');
  return 'code' in result ? `${shape.name}: ${result.code}` : { shape: shape.name, ...result.row, ownId: result.ownId };
}

const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const system = (content: string) => ({ role: 'system', content });

it('an answer that is an integer of 64 bits keeps its digits, as an id does', () => {
  const record = parseExactJson('{"question":"2^63?","answer":9223372036854775808,"id":9223372036854775809}');
  expect(read(record as object)).toMatchObject({ answer: '9223372036854775808', ownId: '9223372036854775809' });
});

describe('shapes', () => {
  it.each([
    ['alpaca', { instruction: 'Add', input: '1 2', output: '3' }, 'Add\n1 2', '3', []],
    ['alpaca', { instruction: 'Add 1 2', response: '3', input: null }, 'Add 1 2', '3', []],
    [
      'alpaca',
      { instruction: 'And 3?', output: '6', history: [['Add 1 2', '3']], system: 'Be brief.' },
      'And 3?',
      '6',
      [system('Be brief.'), user('Add 1 2'), assistant('3')],
    ],
    [
      'dolly',
      { instruction: 'Who?', context: 'Ann came.', response: 'Ann', category: 'open_qa' },
      'Who?\nAnn came.',
      'Ann',
      [],
    ],
    ['dolly', { instruction: 'Who?', text: 'Ann', decoded: 'Bob', id: 3 }, 'Who?', 'Ann', []],
    ['metamath', { query: '1+1?', response: '2', type: 'GSM_Rephrased', original_question: 'x' }, '1+1?', '2', []],
    ['openorca', { id: 'cot.1', system_prompt: 'Think.', question: 'Q', response: 'A' }, 'Q', 'A', [system('Think.')]],
    ['openorca', { id: 'cot.1', system_prompt: '', question: 'Q', response: 'A' }, 'Q', 'A', []],
    [
      'gsm8k',
      { question: '24 and 24?', answer: '<<24+24=48>>48\n#### 48' },
      '24 and 24?',
      '<<24+24=48>>48\n#### 48',
      [],
    ],
    [
      'hh',
      { chosen: '\n\nHuman: Hi\n\nAssistant: Yes?\n\nHuman: Why:\n\nsky?\n\nAssistant: Light.', rejected: 'x' },
      'Why:\n\nsky?',
      'Light.',
      [user('Hi'), assistant('Yes?')],
    ],
  ])('%s (%#)', (shape, record, question, answer, history) => {
    expect(read(record)).toMatchObject({ shape, question, answer, history, source: 's', licence: 'MIT' });
  });

  it('magpie labels give difficulty and domain; `medium` and unknown labels give none', () => {
    const record = { uuid: 'u', instruction: 'Sum', response: '3', task_category: 'Math', difficulty: 'very easy' };
    expect(read(record)).toMatchObject({ shape: 'magpie', domain: 'math', difficulty: 'easy', ownId: 'u' });
    expect(read({ ...record, task_category: 'Others', difficulty: 'medium' })).toMatchObject({
      domain: null,
      difficulty: null,
    });
    const conversations = [
      { from: 'human', value: 'Sum' },
      { from: 'gpt', value: '3' },
      { from: 'human', value: 'And?' },
      { from: 'gpt', value: '4' },
    ];
    expect(read({ ...record, conversations })).toMatchObject({
      question: 'And?',
      history: [user('Sum'), assistant('3')],
    });
  });

  it('row keeps its own values, except for its id', () => {
    const row = sampleRow({
      question: 'Q',
      answer: 'A',
      domain: 'math',
      licence: 'CC0-1.0',
      terms: 'openai',
      teacher: 't',
    });
    const { hash, question_id, ...kept } = row;
    expect(read(row, { source: 'other' as 's' })).toMatchObject({ ...kept, question_id: 'x', ownId: 'Q', hash });
  });

  it('row takes licence, terms and domain from its source if it has none', () => {
    const { hash, licence, terms, ...open } = sampleRow({ question: 'Q', answer: 'A', domain: null, source: 'own' });
    const facts = { licence: 'CC-BY-NC-4.0', terms: 'openai', domain: 'math' } as never;
    const filled = { shape: 'row', source: 'own', licence: 'CC-BY-NC-4.0', terms: 'openai', domain: 'math' };
    expect(read({ ...open, licence: 'unknown', terms: null }, facts)).toMatchObject(filled);
    expect(read({ ...open, licence: ' ' }, facts)).toMatchObject(filled);
    expect(read(open, facts)).toMatchObject(filled);
    expect(read({ ...open, licence: 'MIT', domain: 'coding' }, facts)).toMatchObject({
      licence: 'MIT',
      terms: 'openai',
      domain: 'coding',
    });
    expect(read({ ...open, licence: 'unknown' }, { licence: 'unknown' } as never)).toMatchObject({
      licence: 'unknown',
      terms: null,
    });
    expect(read({ ...open, terms: 'llama' }, facts)).toMatchObject({ terms: 'llama' });
  });

  it('a label of the row overrides the domain of its source', () => {
    const dolly = { instruction: 'Sum up', context: 'x', response: 'y', category: 'summarization' };
    expect(read(dolly, { domain: 'reading' as never })).toMatchObject({ domain: 'summarization' });
    expect(read({ ...dolly, category: 'open_qa' }, { domain: 'reading' as never })).toMatchObject({
      domain: 'reading',
    });
  });

  it('are not found for an unknown format', () => {
    expect(read({ sentence: 'x', label: 1 })).toBe('no shape');
    expect(read({ messages: 'x' })).toBe('no shape');
  });
});

describe('conversations', () => {
  const chat = (...messages: object[]) => read({ messages });

  it('of several turns become the last question with its answer, and the turns before as history', () => {
    expect(chat(system('S'), user('1'), assistant('2'), user('3'), assistant('4'))).toMatchObject({
      history: [system('S'), user('1'), assistant('2')],
      question: '3',
      answer: '4',
    });
  });

  it('lose answers before the first question and questions without an answer', () => {
    expect(chat(assistant('0'), user('1'), assistant('2'), user('3'))).toMatchObject({
      history: [],
      question: '1',
      answer: '2',
    });
    expect(chat(user('1'))).toBe('messages: no-answer');
    expect(chat(assistant('1'))).toBe('messages: no-question');
    expect(chat()).toBe('messages: no-question');
  });

  it('with tools list them in the system prompt; calls and results before the answer are its steps', () => {
    const conversations = [
      { from: 'human', value: 'Weather?' },
      { from: 'function_call', value: '{"name": "weather", "arguments": {}}' },
      { from: 'observation', value: 'rain' },
      { from: 'gpt', value: 'It rains.' },
    ];
    expect(read({ conversations, tools: '[{"name":"weather"}]', system: 'Be kind.' })).toMatchObject({
      shape: 'sharegpt',
      history: [system('Be kind.\n\nYou have these tools: [{"name":"weather"}]')],
      question: 'Weather?',
      steps: [assistant('{"name": "weather", "arguments": {}}'), { role: 'tool', content: 'rain' }],
      answer: 'It rains.',
    });
    expect(read({ conversations: conversations.slice(0, 3), tools: '' })).toMatchObject({
      history: [],
      question: 'Weather?',
      answer: '{"name": "weather", "arguments": {}}',
    });
    const more = [...conversations, { role: 'user', content: 'Thanks' }, { role: 'assistant', content: 'Welcome' }];
    expect(read({ conversations: more, tools: '[]' })).toMatchObject({
      history: [
        user('Weather?'),
        assistant('{"name": "weather", "arguments": {}}'),
        { role: 'tool', content: 'rain' },
        assistant('It rains.'),
      ],
      answer: 'Welcome',
    });
  });

  it('in the OpenAI format may contain text parts and tool calls', () => {
    const call = { id: '1', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } };
    const asked = {
      role: 'user',
      content: [
        { type: 'text', text: 'Wea' },
        { type: 'text', text: 'ther?' },
      ],
    };
    expect(chat(asked, { role: 'assistant', content: null, tool_calls: [call] })).toMatchObject({
      question: 'Weather?',
      answer: '{"name":"weather","arguments":{"city":"Rome"}}',
    });
  });

  it('of preference data end in the chosen answer, and those labelled bad are rejected', () => {
    const conversations = [{ from: 'human', value: 'Hi' }];
    expect(
      read({ conversations, chosen: { from: 'gpt', value: 'Hello' }, rejected: { from: 'gpt', value: 'No' } }),
    ).toMatchObject({
      question: 'Hi',
      answer: 'Hello',
    });
    expect(read({ messages: [user('Hi'), assistant('No')], label: false })).toBe('messages: bad-answer');
  });

  it('with an unknown speaker are rejected', () => {
    expect(chat({ role: 'constructor', content: 'x' }, assistant('y'))).toBe('messages: unknown-role');
    expect(chat('x' as never, assistant('y'))).toBe('no shape');
  });
});

describe('a mapping', () => {
  it('reads nested fields, and earlier turns in either format', () => {
    const shape = mappedShape({ question: 'task.text', answer: 'replies.0', system: 'a.b', history: 'before' });
    const record = { task: { text: 'Q' }, replies: ['A', 'B'], 'a.b': 'S', before: [['q', 'a']] };
    expect(mapRecord(record, shape, source, 'x')).toMatchObject({
      row: { question: 'Q', answer: 'A', history: [system('S'), user('q'), assistant('a')] },
    });
    expect(mapRecord({ ...record, before: [{ from: 'human', value: 'q' }] }, shape, source, 'x')).toMatchObject({
      row: { history: [system('S'), user('q')] },
    });
    expect(mapRecord({ task: {}, replies: [] }, shape, source, 'x')).toMatchObject({ code: 'other-format' });
    expect(fieldAt({ a: {} }, 'a.constructor')).toBe(undefined);
  });
});

describe('rejections', () => {
  it.each([
    [{ instruction: ' ', output: 'x' }, 'alpaca: no-question'],
    [{ instruction: 'a', output: ' \n' }, 'alpaca: no-answer'],
    [{ instruction: 'a', output: 'x'.repeat(1000) }, 'alpaca: too-long'],
    [{ instruction: 'a', output: 'half \ud83d' }, 'alpaca: not-text'],
    [{ instruction: 'a\0b', output: 'x' }, 'alpaca: not-text'],
    [{ instruction: 'a', output: 'x', history: [['\udc00', 'y']] }, 'alpaca: not-text'],
  ])('%# is %s', (record, refusal) => {
    expect(read(record)).toBe(refusal);
  });

  it('name both lengths, and the expected format', () => {
    const alpaca = shapeNamed('codealpaca');
    expect(mapRecord({ instruction: 'a', output: 'xyz' }, alpaca, { ...source, maxCharacters: 3 }, 'x')).toEqual({
      code: 'too-long',
      reason: 'has 4 characters, more than 3',
    });
    expect(mapRecord([], alpaca, source, 'x')).toMatchObject({
      reason: expect.stringContaining('the format alpaca (instruction'),
    });
  });

  it('do not include characters beyond 16 bits', () => {
    expect(read({ instruction: '\u{1f600}', output: 'x\u2028' })).toMatchObject({
      question: '\u{1f600}',
      answer: 'x\u2028',
    });
  });
});
