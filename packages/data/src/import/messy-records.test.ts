import { describe, expect, it } from 'vitest';
import { parseJson } from '../formats/parse-json.ts';
import { mapRecord } from './map-record.ts';
import { findShape, SHAPES } from './shapes/find-shape.ts';
import { mappedShape } from './shapes/mapping.ts';

const source = { source: 's', licence: 'MIT', terms: null, domain: null, maxCharacters: 1000 } as const;

/** Maps a record by the shape that is detected for the first one. */
function read(record: unknown, first: unknown = record) {
  const shape = findShape([first]);
  if (!shape) return 'no shape';
  const result = mapRecord(record, shape, source, 'x');
  return 'code' in result ? `${result.code}: ${result.reason}` : { shape: shape.name, ...result.row, id: result.ownId };
}
/** The record of a line of JSON as data sets have it. */
const line = (text: string) => {
  const parsed = parseJson(text);
  return 'value' in parsed ? parsed.value : parsed.reason;
};

const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const asked = user('Weather in Oslo?');

describe('fields that Arrow has padded with null', () => {
  const call = (values: unknown) => ({
    messages: [
      asked,
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ type: 'function', function: { name: 'weather', arguments: values } }],
      },
    ],
  });
  const answerOf = (record: object) => (read(record) as { answer?: string }).answer;

  it.each([
    ['the parameters of another tool', { city: 'Oslo', song: null }, { city: 'Oslo' }],
    ['a struct of another tool', { city: 'Oslo', player: { song: null, loud: { level: null } } }, { city: 'Oslo' }],
    [
      'fields deep inside',
      { place: { city: 'Oslo', zip: null, tags: ['a', null] } },
      { place: { city: 'Oslo', tags: ['a', null] } },
    ],
    ['everything', { city: null, song: null }, {}],
    [
      'a struct in a list',
      {
        places: [
          { city: 'Oslo', zip: null },
          { city: null, zip: null },
        ],
      },
      { places: [{ city: 'Oslo' }, {}] },
    ],
  ])('are left out of a call: %s', (_what, given, kept) => {
    expect(answerOf(call(given))).toBe(JSON.stringify({ name: 'weather', arguments: kept }));
  });

  it('are kept in the arguments that are a JSON text, where null is meant', () => {
    expect(answerOf(call('{"city":"Oslo","unit":null}'))).toBe(
      '{"name":"weather","arguments":{"city":"Oslo","unit":null}}',
    );
  });

  it('are left out of the descriptions of tools', () => {
    const tool = (name: string, properties: object) => ({
      type: 'function',
      function: { name, parameters: { type: 'object', properties } },
    });
    const tools = [tool('weather', { city: { type: 'string', enum: null }, song: null, player: { type: null } })];
    const expected = [tool('weather', { city: { type: 'string' } })];
    expect(read({ ...call({ city: 'Oslo' }), tools })).toMatchObject({
      history: [{ role: 'system', content: `You have these tools: ${JSON.stringify(expected)}` }],
    });
  });

  it('are left out of messages', () => {
    const padded = { name: null, tool_calls: null, tool_call_id: null, function_call: { name: null, arguments: null } };
    expect(
      read({
        messages: [
          { ...asked, ...padded },
          { ...assistant('Rain.'), ...padded },
        ],
      }),
    ).toMatchObject({
      question: 'Weather in Oslo?',
      answer: 'Rain.',
    });
  });
});

describe('texts that stand for no value', () => {
  const missing = ['nan', 'None', 'null', 'NULL', 'NA', 'NaN', '<NA>', 'N/A', ' nan ', '', null, Number.NaN];
  it.each(missing)('%j is no input, context or system prompt', (empty) => {
    expect(
      read({ instruction: 'Name a river.', input: empty, output: 'Ebro', system: empty, history: empty }),
    ).toMatchObject({
      question: 'Name a river.',
      history: [],
    });
    expect(read({ instruction: 'Name a river.', context: empty, response: 'Ebro' })).toMatchObject({
      shape: 'dolly',
      question: 'Name a river.',
    });
    expect(read({ system_prompt: empty, question: 'A river?', response: 'Ebro' })).toMatchObject({ history: [] });
    expect(read({ messages: [asked, assistant('Rain.')], tools: empty, system: empty })).toMatchObject({ history: [] });
    expect(read({ prompt: 'A river?', completion: 'Ebro', system: empty })).toMatchObject({ history: [] });
    const shape = mappedShape({ question: 'q', answer: 'a', system: 's', history: 'h' });
    expect(mapRecord({ q: 'A river?', a: 'Ebro', s: empty, h: empty }, shape, source, 'x')).toMatchObject({
      row: { history: [] },
    });
  });

  it.each(['None', 'null', 'NaN', 'NA', 'nan'])('%j is kept as the answer, and inside a longer text', (text) => {
    expect(read({ instruction: 'What does print(None) show?', input: '', output: text })).toMatchObject({
      answer: text,
    });
    expect(read({ question: 'Empty in JSON?', answer: text })).toMatchObject({ answer: text });
    expect(read({ messages: [user(text), assistant(text)] })).toMatchObject({ question: text, answer: text });
    expect(read({ instruction: 'Explain.', input: `x = ${text}`, output: 'y' })).toMatchObject({
      question: `Explain.\nx = ${text}`,
    });
  });
});

describe('NaN and infinity', () => {
  const chat = (fields: string) => line(`{"messages":[{"role":"user","content":"Hi"},{"role":"assistant",${fields}}]}`);
  it.each([
    line('{"instruction":"Hi","input":"","output":"Ho","score":NaN,"len":-Infinity}'),
    line('{"instruction":"Hi","input":NaN,"output":"Ho"}'),
    line('{"instruction":"Hi","output":"Ho","id":NaN,"meta":{"p":[NaN]}}'),
    line('{"prompt":"Hi","completion":"Ho","label":NaN,"images":NaN}'),
    chat('"content":"Ho","score":NaN'),
    chat('"content":"Ho","meta":{"logprob":-Infinity}'),
  ])('cost no row in a field that is not read: %j', (record) => {
    expect(read(record)).toMatchObject({ question: 'Hi', answer: 'Ho', id: undefined });
  });

  it.each([
    [line('{"instruction":"Hi","input":"","output":NaN}'), 'NaN in its field `output`'],
    [line('{"instruction":NaN,"input":"","output":"Ho"}'), 'NaN in its field `instruction`'],
    [line('{"instruction":"Hi","input":Infinity,"output":"Ho"}'), 'Infinity in its field `input`'],
    [line('{"instruction":"Hi","output":-Infinity}'), '-Infinity in its field `output`'],
    [chat('"content":NaN'), 'NaN in its field `messages`'],
    [chat('"content":"Ho","weight":NaN'), 'NaN in its field `messages`'],
    [chat('"tool_calls":[{"function":{"name":"f","arguments":{"x":[1,NaN]}}}]'), 'NaN in its field `messages`'],
    [
      { messages: '[{"role":"user","content":"Hi"},{"role":"assistant","content":Infinity}]' },
      'Infinity in its field `messages`',
    ],
  ])('reject a row where they are read, by name: %j', (record, reason) => {
    const first = 'messages' in (record as object) ? { messages: [asked] } : { instruction: 'a', output: 'b' };
    expect(read(record, first)).toBe(`not-finite: has ${reason}`);
  });
});

describe('answers that are numbers or booleans', () => {
  it.each([
    [{ question: 'What is 6 times 7?', answer: 42 }, '42'],
    [{ question: 'Is water wet?', answer: true }, 'true'],
    [{ question: 'Half of 1?', answer: 0.5 }, '0.5'],
    [{ instruction: 'Count.', input: '', output: 0 }, '0'],
    [{ instruction: 'Is it?', context: 'It is.', response: false }, 'false'],
    [{ query: '1+1?', response: 2 }, '2'],
    [{ system_prompt: '', question: '1+1?', response: 2 }, '2'],
    [{ prompt: '1+1?', completion: 2 }, '2'],
    [{ messages: [user('1+1?'), { role: 'assistant', content: 2 }] }, '2'],
  ])('are texts: %j', (record, answer) => {
    expect(read(record)).toMatchObject({ answer });
  });

  it('are no answers next to choices, of which they are the place', () => {
    expect(read({ question: 'Which?', choices: ['a', 'b'], answer: 1 })).toBe('no shape');
    expect(read({ question: 'Which?', choices: ['a', 'b'], answer: 'b' })).toMatchObject({ answer: 'b' });
  });
});

it('a record with null in place of its answer or question is rejected for that, not as another format', () => {
  const alpaca = { instruction: 'a', output: 'b' };
  expect(read({ instruction: 'Name a river.', input: null, output: null }, alpaca)).toBe('no-answer: has no answer');
  expect(read({ instruction: null, output: 'Ebro' }, alpaca)).toBe('no-question: has no question');
  expect(read({ messages: null }, { messages: [asked] })).toMatch('other-format');
  expect(read({ question: 'Who?', answer: 'I.' }, alpaca)).toMatch('other-format');
});

describe('chats in other forms', () => {
  const turns = [user('Capital of Peru?'), assistant('Lima')];
  const sharegpt = [
    { from: 'human', value: 'Capital of Peru?' },
    { from: 'gpt', value: 'Lima' },
  ];
  it.each([
    ['JSON text', { messages: JSON.stringify(turns) }],
    ['indented JSON text', { messages: JSON.stringify(turns, null, 2) }],
    ['JSON text of ShareGPT', { conversations: JSON.stringify(sharegpt) }],
    [
      'an object of lists',
      { messages: { role: ['user', 'assistant'], content: ['Capital of Peru?', 'Lima'], name: [null, null] } },
    ],
    [
      'an object of lists of ShareGPT',
      { conversations: { from: ['human', 'gpt'], value: ['Capital of Peru?', 'Lima'] } },
    ],
    ['prompt and completion', { prompt: 'Capital of Peru?', completion: 'Lima' }],
    ['prompt and response', { prompt: 'Capital of Peru?', response: 'Lima' }],
    ['prompt and completion as messages', { prompt: [turns[0]], completion: [turns[1]] }],
    [
      'prompt and completion as JSON texts',
      { prompt: JSON.stringify([turns[0]]), completion: JSON.stringify([turns[1]]) },
    ],
    ['a prompt of messages and a text', { prompt: [turns[0]], completion: 'Lima' }],
    ['a text and a completion of messages', { prompt: 'Capital of Peru?', completion: [turns[1]] }],
    ['one message each', { prompt: turns[0], completion: turns[1] }],
  ])('are read: %s', (_what, record) => {
    expect(read(record)).toMatchObject({ question: 'Capital of Peru?', answer: 'Lima', history: [] });
  });

  it('keep system prompt, earlier turns and tools', () => {
    const tools = [{ name: 'map' }];
    const record = {
      prompt: [{ role: 'system', content: 'S' }, ...turns, user('And of Chile?')],
      completion: [assistant('Santiago')],
      tools,
    };
    expect(read(record)).toMatchObject({
      shape: 'prompt-completion',
      history: [{ role: 'system', content: 'S\n\nYou have these tools: [{"name":"map"}]' }, ...turns],
      question: 'And of Chile?',
      answer: 'Santiago',
    });
    expect(read({ instruction: 'And?', output: 'b', history: '[["Who?","I."]]' })).toMatchObject({
      history: [user('Who?'), assistant('I.')],
    });
  });

  it('that are texts but no JSON say so', () => {
    expect(read({ messages: "[{'role': 'user', 'content': 'Hi'}]" })).toBe(
      'other-format: has a chat in `messages` that is not JSON: it is a text of Python',
    );
    expect(read({ messages: '[{"role": "user", "content": "Hi"}' })).toBe(
      'other-format: has a chat in `messages` that is not JSON',
    );
    expect(read({ messages: '[{"role":"user","role":"assistant"}]' })).toMatch('has the key "role" twice');
    expect(read({ messages: '[{"role":"user"}, 1]' })).toMatch('no list of turns');
    expect(read({ messages: 'Hello' })).toBe('no shape');
  });

  it('do not include a prompt that only looks like a list', () => {
    expect(read({ prompt: '[1, 2] + [3]?', completion: '[1, 2, 3]' })).toMatchObject({ question: '[1, 2] + [3]?' });
  });
});

it('a prompt id names the prompt: several answers under one are different rows', () => {
  expect(read({ prompt_id: 'p', messages: [asked, assistant('Rain.')] })).toMatchObject({ id: undefined });
  expect(read({ prompt_id: 'p', id: 'a', messages: [asked, assistant('Rain.')] })).toMatchObject({ id: 'a' });
});

it('every shape is found by a name of the options', async () => {
  const { FORMATS } = await import('./options.ts');
  expect(SHAPES.filter(({ name }) => !(FORMATS as readonly string[]).includes(name))).toEqual([]);
});
