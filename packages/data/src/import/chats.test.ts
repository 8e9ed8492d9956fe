import { parseExactJson } from '@cogumi/pure';
import { describe, expect, it } from 'vitest';
import { mapRecord, type SourceFacts } from './map-record.ts';
import { findShape, shapeNamed } from './shapes/find-shape.ts';

const source: SourceFacts = { source: 's', licence: 'MIT', terms: null, domain: null, maxCharacters: 10_000 };

/** Maps a record by the shape that is detected for it: a row, or a rejection. */
function read(record: object, facts: Partial<SourceFacts> = {}) {
  const shape = findShape([record]);
  if (!shape) throw new Error('no shape');
  const result = mapRecord(record, shape, { ...source, ...facts }, 'x');
  return 'code' in result ? result : result.row;
}

const user = (content: unknown) => ({ role: 'user', content });
const assistant = (content: unknown, more: object = {}) => ({ role: 'assistant', content, ...more });
const tool = (content: string) => ({ role: 'tool', content });
const chat = (...messages: object[]) => read({ messages });

it('chats of both formats may be in one source', () => {
  const conversations = [
    { from: 'human', value: 'Hi' },
    { from: 'gpt', value: 'Hello.' },
  ];
  for (const name of ['sharegpt', 'messages', 'alpaca']) {
    const found = [{ conversations }, { messages: [user('Hi'), assistant('Hello.')] }].map((record) =>
      mapRecord(record, shapeNamed(name), source, 'x'),
    );
    expect(found).toMatchObject(
      name === 'alpaca' ? [{ code: 'other-format' }, { code: 'other-format' }] : [{ row: {} }, { row: {} }],
    );
  }
});

describe('answers that are not to be learned', () => {
  const question = user('And the largest planet?');
  const first = [user('Which planet is closest to the sun?'), assistant('Mercury.')];

  it.each([
    { weight: 0 },
    { weight: '0' },
    { weight: 0.0 },
    { weight: false },
    { train: false },
    { train: 'False' },
    { training: 0 },
    { loss: false },
    { loss_scale: 0 },
    { mask: true },
    { masked: 1 },
    { assistant_masks: [0, 0, 0] },
    { train_detail: [{ begin_offset: 0, end_offset: 5, train: false }] },
    { weight: 1, train: false },
  ])('%j: the answer is the last one that may be learned', (flag) => {
    expect(chat(...first, question, assistant('WRONG', flag))).toMatchObject({
      history: [],
      question: 'Which planet is closest to the sun?',
      answer: 'Mercury.',
    });
    expect(chat(...first, user('Sure?'), assistant('WRONG', flag), question, assistant('Jupiter.'))).toMatchObject({
      history: [...first, user('Sure?'), { role: 'assistant', content: 'WRONG', train: false }],
      answer: 'Jupiter.',
    });
    expect(chat(question, assistant('WRONG', flag))).toMatchObject({
      code: 'not-learnable',
      reason: 'has no answer that may be learned',
    });
  });

  it.each([
    { weight: 1 },
    { weight: '1.0' },
    { weight: null },
    { train: true },
    { train: 'true' },
    { loss: '' },
    { mask: false },
    { masked: 0 },
    { train_detail: [] },
    { train_detail: [{ begin_offset: 0, end_offset: 5, train: true }] },
  ])('%j may be learned', (flag) => {
    expect(chat(...first, question, assistant('Jupiter.', flag))).toMatchObject({ answer: 'Jupiter.' });
  });

  it.each([
    [{ weight: 0.5 }, '`weight` 0.5'],
    [{ weight: '0.5' }, '`weight` 0.5'],
    [{ weight: -1 }, '`weight` -1'],
    [{ train: 'maybe' }, '`train` maybe'],
    [{ loss: {} }, '`loss` {}'],
    [{ train_detail: [{ train: true }, { train: false }] }, '`train_detail` [{"train":true},{"train":false}]'],
    [{ assistant_masks: [0, 1] }, '`assistant_masks` [0,1]'],
  ])('%j is neither yes nor no, and rejected by name', (flag, named) => {
    expect(chat(question, assistant('Jupiter.', flag))).toMatchObject({
      code: 'bad-weight',
      reason: expect.stringContaining(named),
    });
  });

  it('does not read the weight of a turn that is never learned', () => {
    expect(chat({ ...question, weight: 0.5 }, assistant('Jupiter.'))).toMatchObject({ answer: 'Jupiter.' });
  });

  it('are also named by the record: for all of it, by turn, or by speaker', () => {
    const conversations = [
      { from: 'User', value: 'Hi' },
      { from: 'Assistant', value: 'Hello.' },
    ];
    for (const flag of [{ train: false }, { weight: 0 }, { loss_mask: [1, 0] }, { mask: 'Assistant' }])
      expect(read({ conversations, ...flag })).toMatchObject({ code: 'not-learnable' });
    for (const flag of [{ weight: 0.37 }, { loss: 1.2 }, { loss_mask: [0, 1] }, { mask: 'User' }])
      expect(read({ conversations, ...flag })).toMatchObject({ answer: 'Hello.' });
    expect(read({ conversations, loss_mask: [1] })).toMatchObject({
      code: 'bad-weight',
      reason: 'has 1 values in `loss_mask` for 2 turns',
    });
    expect(read({ instruction: 'Hi', output: 'WRONG', weight: 0 })).toMatchObject({ code: 'not-learnable' });
  });

  it('are marked in rows of the own format as well, which keep all they have', () => {
    const own = {
      question_id: 'a',
      domain: null,
      difficulty: null,
      history: [user('Hi'), assistant('WRONG', { weight: 0 }), assistant('b', { train: false, reasoning: 'r' })],
      question: 'Q',
      steps: [assistant('c'), tool('d')],
      answer: 'A',
      reasoning: ' why ',
      source: 's',
      teacher: null,
    };
    const history = [
      user('Hi'),
      assistant('WRONG', { train: false }),
      assistant('b', { train: false, reasoning: 'r' }),
    ];
    const row = read(own);
    expect(row).toMatchObject({ history, steps: own.steps, answer: 'A', reasoning: ' why ' });
    expect(read(row)).toEqual(row);
  });

  it('are all but the last one with `turns: last`', () => {
    const turns = [
      ...first,
      question,
      assistant('Let me see.', { tool_calls: [{ name: 'look', arguments: {} }] }),
      tool('J'),
    ];
    const record = { messages: [...turns, assistant('Jupiter.')] };
    const call = { role: 'assistant', content: 'Let me see.\n{"name":"look","arguments":{}}' };
    expect(read(record)).toMatchObject({ history: first, steps: [call, tool('J')], answer: 'Jupiter.' });
    expect(read(record, { turns: 'last' })).toMatchObject({
      history: [first[0], { ...first[1], train: false }],
      steps: [{ ...call, train: false }, tool('J')],
      answer: 'Jupiter.',
    });
    expect(read({ instruction: 'b', output: 'c', history: [['q', 'a']] }, { turns: 'last' })).toMatchObject({
      history: [user('q'), { role: 'assistant', content: 'a', train: false }],
    });
  });
});

describe('calls', () => {
  const call = { id: 'c1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } };
  const written = '{"name":"get_weather","arguments":{"city":"Oslo"}}';

  it('are kept with the text before them, and so is the answer after their result', () => {
    const asked = [user('Weather in Oslo?'), assistant('Let me look that up.', { tool_calls: [call] })];
    expect(chat(...asked)).toMatchObject({ question: 'Weather in Oslo?', answer: `Let me look that up.\n${written}` });
    expect(chat(...asked, tool('4 degrees, rain'), assistant('It is 4 degrees.'))).toMatchObject({
      history: [],
      question: 'Weather in Oslo?',
      steps: [assistant(`Let me look that up.\n${written}`), tool('4 degrees, rain')],
      answer: 'It is 4 degrees.',
    });
  });

  it.each([
    ['an old function_call', { function_call: { name: 'get_weather', arguments: '{"city":"Oslo"}' } }],
    [
      'a call whose arguments are values',
      { tool_calls: [{ function: { name: 'get_weather', arguments: { city: 'Oslo' } } }] },
    ],
    ['JSON text', { tool_calls: JSON.stringify([call]) }],
    ['a function_call as JSON text', { function_call: '{"name":"get_weather","arguments":"{\\"city\\":\\"Oslo\\"}"}' }],
    ['one object', { tool_calls: call }],
    ['LangChain', { tool_calls: [{ name: 'get_weather', args: { city: 'Oslo' }, type: 'tool_call' }] }],
    ['Anthropic', { content: [{ type: 'tool_use', id: 't', name: 'get_weather', input: { city: 'Oslo' } }] }],
    ['Gemini', { content: null, parts: [{ functionCall: { name: 'get_weather', args: { city: 'Oslo' } } }] }],
  ])('are read from %s', (_, turn) => {
    expect(chat(user('Weather?'), { role: 'assistant', content: null, ...turn })).toMatchObject({ answer: written });
  });

  it('without arguments have empty ones; several are a list', () => {
    const calls = [{ name: 'a', arguments: '' }, { name: 'b' }];
    expect(chat(user('Go'), assistant('', { tool_calls: calls }))).toMatchObject({
      answer: '[{"name":"a","arguments":{}}, {"name":"b","arguments":{}}]',
    });
  });

  it('of the old format are followed by a turn of the role function, those of Anthropic by a result in a turn of the user', () => {
    const old = [
      assistant(null, { function_call: { name: 'f', arguments: '{}' } }),
      { role: 'function', name: 'f', content: '6' },
    ];
    const steps = [assistant('{"name":"f","arguments":{}}'), tool('6')];
    expect(chat(user('Set'), ...old, assistant('Done.'))).toMatchObject({ question: 'Set', steps, answer: 'Done.' });
    const blocks = [
      assistant([{ type: 'tool_use', id: 't', name: 'f', input: {} }]),
      user([{ type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: '6' }] }]),
    ];
    expect(chat(user('Set'), ...blocks, assistant('Done.'))).toMatchObject({ question: 'Set', steps, answer: 'Done.' });
  });

  it('after a text in a turn of its own are one answer with it', () => {
    const conversations = [
      { from: 'human', value: 'Weather?' },
      { from: 'gpt', value: 'Let me look.' },
      { from: 'function_call', value: written },
    ];
    expect(read({ conversations })).toMatchObject({ answer: `Let me look.\n${written}` });
  });

  it('without a name are rejected', () => {
    for (const broken of [{ tool_calls: [{}] }, { tool_calls: 'get_weather' }, { function_call: { arguments: '{}' } }])
      expect(chat(user('Weather?'), assistant('Hm.', broken))).toMatchObject({ code: 'bad-call' });
    expect(chat(user('Weather?'), assistant('Rain.', { tool_calls: [], function_call: null }))).toMatchObject({
      answer: 'Rain.',
    });
  });

  it('keep integers of 64 bits, as text, as objects and in the descriptions of tools', () => {
    const tools = '[{"name":"find","parameters":{"properties":{"id":{"maximum":9223372036854775807}}}}]';
    for (const args of ['{"id":9007199254740993}', '"{\\"id\\":9007199254740993}"']) {
      const messages = `[{"role":"user","content":"Go"},{"role":"assistant","tool_calls":[{"name":"find","arguments":${args}}]}]`;
      for (const text of [`{"tools":${tools},"messages":${messages}}`, JSON.stringify({ tools, messages })]) {
        const row = read(parseExactJson(text) as object);
        expect(row).toMatchObject({ answer: '{"name":"find","arguments":{"id":9007199254740993}}' });
        expect(JSON.stringify(row)).toContain('\\"maximum\\":9223372036854775807');
      }
    }
  });

  it('of a tool that the chat does not have are rejected, if the chat lists tools and they are to be learned', () => {
    const tools = [{ name: 'get_time' }];
    const called = [user('Weather?'), assistant('', { tool_calls: [call] })];
    expect(read({ tools, messages: called })).toMatchObject({
      code: 'unlisted-call',
      reason: 'calls get_weather, which is none of its tools (get_time)',
    });
    expect(read({ tools: [], messages: called })).toMatchObject({ answer: written });
    const context = [
      called[0] as object,
      assistant('', { tool_calls: [call], weight: 0 }),
      user('Hm?'),
      assistant('Rain.'),
    ];
    expect(read({ tools, messages: context })).toMatchObject({ answer: 'Rain.' });
    const conversations = [
      { from: 'human', value: 'Weather?' },
      { from: 'function_call', value: written },
    ];
    expect(read({ tools, conversations })).toMatchObject({ code: 'unlisted-call' });
  });
});

describe('tools', () => {
  const messages = [
    user('Time in Rome?'),
    assistant('', { tool_calls: [{ name: 'get_time', arguments: { zone: 'x' } }] }),
  ];
  const given = { type: 'function', function: { name: 'get_time', parameters: {} } };
  const schema = { type: 'object', properties: { zone: { type: 'string' } } };
  const listed = (record: object) => {
    const row = read({ messages, ...record });
    return 'code' in row ? row : row.history[0]?.content.replace('You have these tools: ', '');
  };

  it.each([
    [{ tools: [given] }, [given]],
    [{ tools: given }, [given]],
    [{ tools: JSON.stringify([given]) }, [given]],
    [{ tools: JSON.stringify(given) }, [given]],
    [{ tools: JSON.stringify(JSON.stringify([given])) }, [given]],
    [{ tools: [JSON.stringify(given)] }, [given]],
    [{ tools: '{"name":"get_time"}\n{"name":"get_date"}' }, [{ name: 'get_time' }, { name: 'get_date' }]],
    [{ functions: [{ name: 'get_time', parameters: schema }] }, [{ name: 'get_time', parameters: schema }]],
    [{ tools: { get_time: schema } }, [{ name: 'get_time', parameters: schema }]],
    [
      { tools: { get_time: { description: 'Tells it', parameters: schema } } },
      [{ name: 'get_time', description: 'Tells it', parameters: schema }],
    ],
    [{ tools: { get_time: 'Tells the time' } }, [{ name: 'get_time', description: 'Tells the time' }]],
    [{ tools: ['get_time', 'get_date'] }, [{ name: 'get_time' }, { name: 'get_date' }]],
    [{ tools: [{ name: 'get_time', input_schema: schema }] }, [{ name: 'get_time', input_schema: schema }]],
    [{ tools: [{ functionDeclarations: [{ name: 'get_time' }] }] }, [{ name: 'get_time' }]],
    [{ messages: [{ role: 'system', content: '', tools: [given] }, ...messages] }, [given]],
  ])('%j are read and listed as one list', (record, tools) => {
    expect(listed(record)).toBe(JSON.stringify(tools));
  });

  it.each([null, '', ' ', [], {}, '[]', 'null'])('%j are none', (tools) => {
    expect(read({ messages, tools })).toMatchObject({ history: [] });
  });

  it.each([
    ['[not json', 'text that is not JSON: "[not json"'],
    ['get_time(zone)', 'text that is not JSON'],
    ['get_time', 'text that is not JSON'],
    [3, 'number 3'],
    ['3', 'number 3'],
    [true, 'boolean true'],
    [[{}, 4], 'number 4'],
    [{ type: 'function', function: { parameters: {} } }, 'a tool without a name, with the fields type, function'],
    [[{ description: 'Tells it' }], 'a tool without a name, with the fields description'],
    [schema, 'a tool without a name, with the fields type, properties'],
  ])('%j cannot be read, and the row is rejected with the reason', (tools, reason) => {
    expect(listed({ tools })).toMatchObject({ code: 'bad-tools', reason: expect.stringContaining(reason) });
  });
});

describe('roles', () => {
  it('are known in any case, and developer is system', () => {
    const messages = [
      { role: 'Developer', content: 'Answer in one word.' },
      { role: 'USER', content: 'Capital of Peru?' },
      { role: ' Assistant ', content: 'Lima' },
    ];
    expect(read({ messages })).toMatchObject({
      history: [{ role: 'system', content: 'Answer in one word.' }],
      question: 'Capital of Peru?',
      answer: 'Lima',
    });
    for (const [asks, answers] of [
      ['Human', 'GPT'],
      ['user', 'Model'],
      ['human', 'ChatGPT'],
      ['User', 'AI'],
    ])
      expect(
        read({
          conversations: [
            { from: asks, value: 'Hi' },
            { from: answers, value: 'Hello' },
          ],
        }),
      ).toMatchObject({
        question: 'Hi',
        answer: 'Hello',
      });
  });

  it('that are not known are rejected by name, with what to set', () => {
    const messages = [user('Roll a die.'), { role: 'ipython', content: '4' }, { role: 'Bot', content: 'Four' }];
    expect(read({ messages })).toMatchObject({
      code: 'unknown-role',
      reason: expect.stringContaining('the unknown role "ipython"; `roles: { ipython: tool }`'),
    });
    expect(read({ messages }, { roles: { ipython: 'tool' } })).toMatchObject({
      reason: expect.stringContaining('"Bot"'),
    });
    expect(read({ messages }, { roles: { IPython: 'tool', bot: 'assistant' } })).toMatchObject({
      question: 'Roll a die.',
      steps: [tool('4')],
      answer: 'Four',
    });
    expect(read({ messages: [{ role: 'my role', content: '' }] })).toMatchObject({
      reason: expect.stringContaining('roles: { "my role": tool }'),
    });
    expect(read({ messages: [{ content: 'Hi' }] })).toMatchObject({ reason: 'has a turn without a role' });
  });

  it('of the source override the known ones', () => {
    const messages = [
      { role: 'model', content: 'Hi' },
      { role: 'user', content: 'Hello' },
    ];
    expect(read({ messages }, { roles: { model: 'user', user: 'assistant' } })).toMatchObject({ answer: 'Hello' });
  });
});

describe('reasoning', () => {
  const asked = user('17 times 3?');

  it.each([
    assistant('51', { reasoning_content: '50 + 1' }),
    assistant('51', { reasoning: '50 + 1' }),
    assistant('51', { thinking: '50 + 1' }),
    assistant('51', { reasoning_details: [{ type: 'reasoning.text', text: '50 + 1' }] }),
    assistant([
      { type: 'thinking', thinking: '50 + 1', signature: 'x' },
      { type: 'text', text: '51' },
    ]),
    assistant([
      { type: 'thinking', thinking: [{ type: 'text', text: '50 + 1' }] },
      { type: 'text', text: '51' },
    ]),
    assistant('<think>\n50 + 1\n</think>\n\n51'),
    assistant('<think>50 + 1</think>51', { reasoning_content: '50 + 1' }),
  ])('%j is the reasoning of the row', (turn) => {
    expect(chat(asked, turn)).toMatchObject({ answer: '51', reasoning: '50 + 1' });
  });

  it.each([
    assistant('51', { reasoning_content: ' ' }),
    assistant('51', { reasoning: null, thinking: [] }),
    assistant('<think>\n\n</think>\n\n51'),
    assistant([
      { type: 'redacted_thinking', data: 'xyz' },
      { type: 'text', text: '51' },
    ]),
  ])('%j has none', (turn) => {
    expect(chat(asked, turn)).toMatchObject({ answer: '51', reasoning: null });
  });

  it('of earlier answers stays with them', () => {
    const first = { role: 'assistant', content: 'Hello.', reasoning: 'A greeting.' };
    expect(chat(user('Hi'), assistant('<think>A greeting.</think>Hello.'), asked, assistant('51'))).toMatchObject({
      history: [user('Hi'), first],
      answer: '51',
      reasoning: null,
    });
  });

  it('is found in every format, also in a field of the record', () => {
    const answer = '<think>50 + 1</think>51';
    for (const record of [
      { instruction: '17 times 3?', output: answer },
      { question: '17 times 3?', answer },
      { query: '17 times 3?', response: answer },
      { question: '17 times 3?', answer: '51', reasoning: '50 + 1' },
      { messages: [asked, assistant('51')], reasoning_content: '50 + 1' },
      { messages: [asked, assistant('51', { thinking: '50 + 1' })], reasoning: '50 + 1' },
      {
        question_id: 'a',
        domain: null,
        difficulty: null,
        question: '17 times 3?',
        answer,
        reasoning: null,
        source: 's',
        teacher: null,
      },
    ])
      expect(read(record)).toMatchObject({ answer: '51', reasoning: '50 + 1' });
    expect(read({ instruction: 'b', output: 'c', history: [['q', '<think>r</think>a']] })).toMatchObject({
      history: [user('q'), { role: 'assistant', content: 'a', reasoning: 'r' }],
    });
  });

  it('without an answer is no answer', () => {
    expect(chat(asked, assistant('<think>50 and then'))).toMatchObject({ code: 'no-answer' });
    expect(chat(asked, assistant('', { reasoning_content: '50 + 1' }))).toMatchObject({ code: 'no-answer' });
  });

  it('is not read from the words of the user', () => {
    expect(chat(user('<think>me</think> 17 times 3?'), assistant('51'))).toMatchObject({
      question: '<think>me</think> 17 times 3?',
      reasoning: null,
    });
  });
});

describe('images, sounds, films and files', () => {
  const text = { type: 'text', text: 'What colour is it?' };

  it.each([
    { type: 'image_url', image_url: { url: 'http://127.0.0.1/cat.png' } },
    { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=' },
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
    { type: 'image' },
    { type: 'image', image: 'cat.png' },
    { image: 'cat.png' },
    { inline_data: { mime_type: 'image/png', data: 'iVBORw0KGgo=' } },
    { type: 'input_audio', input_audio: { data: 'UklGR', format: 'wav' } },
    { type: 'audio', audio_url: 'a.wav' },
    { type: 'video', video: 'a.mp4' },
    { type: 'file', file: { file_id: 'x' } },
    { type: 'document', source: { type: 'base64', data: 'JVBERi0' } },
  ])('%j is rejected by name', (part) => {
    expect(chat(user([part, text]), assistant('Orange.'))).toMatchObject({ code: 'media' });
  });

  it.each([
    { messages: [user('<image>What is it?'), assistant('A cat.')], images: ['cat.jpg'] },
    { messages: [{ ...user('What is it?'), images: ['iVBORw0KGgo='] }, assistant('A cat.')] },
    {
      conversations: [
        { from: 'human', value: '<image>\nWhat is it?' },
        { from: 'gpt', value: 'A bike.' },
      ],
      image: 'bike.jpg',
    },
    { question: 'What is it?', answer: 'A cat.', image: { bytes: 'iVBORw0KGgo=', path: null } },
    { question: 'What is <image 1>?', answer: 'A cat.', image_1: 'x' },
    { instruction: 'What is it?', output: 'A cat.', images: ['cat.jpg'] },
    { instruction: 'Hear it', output: 'A bark.', audio: 'bark.wav' },
    { instruction: 'Name the animals.', input: '<image>', output: 'A bear.' },
    { instruction: 'What is it? ![](data:image/png;base64,iVBORw0KGgoAAAANSUhEUg)', output: 'A cat.' },
    { instruction: '<|vision_start|><|image_pad|><|vision_end|>What is it?', output: 'A cat.' },
    { instruction: 'Picture 1: <img>cat.jpg</img>\nWhat is it?', output: 'A cat.' },
  ])('%j is rejected by name', (record) => {
    expect(read(record)).toMatchObject({ code: 'media', reason: expect.stringContaining('rows are text only') });
  });

  it.each([
    { instruction: 'What does <image> do in SVG?', output: 'It shows a picture.' },
    { instruction: 'What does this tag do?\n<image>', output: 'It is no HTML.' },
    { instruction: 'Repair:\n<image>\n<url>a.png</url>\n</image>', output: 'It is valid RSS.' },
    { instruction: 'Explain `<|image_pad|>`.', output: 'It stands for an image.' },
    { instruction: 'Explain <img src="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP">', output: 'A pixel.' },
    { instruction: 'Hi', output: 'Hello.', image: null, images: [], audio: '', video: {} },
    { instruction: 'Fix the build', output: 'Done.', image: 'python:3.11' },
    { messages: [user([{ type: 'text', text: 'Hi', image_url: null }]), assistant('Hello.')] },
  ])('%j is text', (record) => {
    expect(read(record)).not.toHaveProperty('code');
  });

  it('a part of another kind is rejected with its type, never left out', () => {
    expect(chat(user([{ type: 'chart', data: [1] }, text]), assistant('Red.'))).toMatchObject({
      code: 'other-format',
      reason: 'has a message with a part that is no text: the type "chart"',
    });
  });
});
