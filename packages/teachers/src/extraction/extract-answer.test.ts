import { processorMs, slowness } from '@cogumi/pure/testing';
import { describe, expect, it } from 'vitest';
import { extractCall } from './extract-call.ts';
import { extractChoice } from './extract-choice.ts';
import { extractNumber } from './extract-number.ts';
import { extractProgram } from './extract-program.ts';
import { extractText } from './extract-text.ts';
import { extractVerdict } from './extract-verdict.ts';
import { isRefusal } from './is-refusal.ts';

describe('extractProgram', () => {
  const body = 'def f(x):\n    return x + 1';

  it.each([
    ['one fence', `Sure:\n\n\`\`\`python\n${body}\n\`\`\`\n\nIt adds one.`, body, true],
    ['the fence that defines the function', `\`\`\`bash\npip install x\n\`\`\`\n\`\`\`py\n${body}\n\`\`\``, body, true],
    ['the first of two programs', `\`\`\`\n${body}\n\`\`\`\nor\n\`\`\`\ndef f(x):\n    return 0\n\`\`\``, body, true],
    ['a fence behind text', `Here: \`\`\`python\n${body}\n\`\`\``, body, true],
    ['a fence that was cut', `\`\`\`python\n${body}`, body, false],
    ['a fence that was cut behind its program', `\`\`\`python\n${body}\n\nprint(f(`, body, true],
    ['no fence, and a test behind', `${body}\n\n# Usage:\ndata = [1, 2`, body, true],
    ['no fence, and prose around', `You can write\n${body}\nThis adds one.`, body, true],
  ])('takes %s', (_, answer, text, complete) => {
    expect(extractProgram(answer, 'f')).toEqual({ text, complete });
  });

  it('keeps imports, decorators, helpers and brackets that close at the margin', () => {
    const program = 'import math\n\n@cache\ndef f(x):\n    return h([\n  x,\n])\n\ndef h(x):\n    return x[0]';
    expect(extractProgram(`\`\`\`python\n${program}\n\nassert f(1) == 2\n\`\`\``, 'f')?.text).toBe(program);
  });

  it('finds no program in prose', () => {
    expect(extractProgram('You can use `max` to find the largest.', 'f')).toBeNull();
  });
});

describe('extractNumber', () => {
  it.each([
    ['The smallest number is 6.', '6', false],
    ['2 + 7 = 9', '9', false],
    ['He has 3 and loses 2.\n#### 1\nThe answer is 7.', '1', true],
    ['So \\boxed{42} of 50.', '42', true],
    ['The answer is 6, the smallest of 57 and 25.', '6', true],
    ['The final answer is: 3 + 4 = 7. I checked it 2 times.', '7', true],
    ['It costs $1,250.50 in total', '1250.5', false],
    ['35 - 10 is 25', '25', false],
  ])('%s', (answer, text, complete) => {
    expect(extractNumber(answer)).toEqual({ text, complete });
  });

  it('finds none in words', () => {
    expect(extractNumber('three')).toBeNull();
  });
});

describe('extractChoice', () => {
  const people = { choices: ['Ann', 'Anna', 'Ben'], about: 'oldest' };

  it.each([
    ['The oldest is Anna.', 'Anna'],
    ['Anna', 'Anna'],
    ['The answer is Ben, not Ann.', null],
    ['The answer is: "Ben".', 'Ben'],
    ['Anna is older than Ben. Ben is older than Ann. So Anna is the oldest.', 'Anna'],
    ['Ann is the youngest. Ben is the oldest.', 'Ben'],
    ['Ben is the oldest. Ann is the oldest.', null],
    ['It is not Ann. It is Ben.', 'Ben'],
    ['Ann, Anna or Ben.', null],
  ])('"%s"', (answer, text) => {
    expect(extractChoice(answer, people)?.text).toBe(text);
  });

  it('finds none where none is named, as a part of another word neither', () => {
    expect(extractChoice('Nobody knows; annual reports differ.', people)).toBeNull();
  });
});

describe('extractVerdict', () => {
  it.each([
    ['No, no. No fen is a yim.', 'no'],
    ['The answer is no, but I can explain.', 'no'],
    ['The answer to this riddle is "yes."', 'yes'],
    ['**Yes**', 'yes'],
    ['Yes - all of them.', 'yes'],
    ['All a are b. Therefore, yes.', 'yes'],
    ['No fens are rads.', undefined],
    ['All yims are hobs.', undefined],
  ])('"%s"', (answer, text) => {
    expect(extractVerdict(answer, ['yes', 'no'])?.text).toBe(text);
  });

  it('reads what a claim is said to be', () => {
    expect(extractVerdict('The claim is actually false.', ['true', 'false'])?.text).toBe('false');
  });
});

describe('extractCall', () => {
  const facts = {
    kind: 'tool-call' as const,
    tool: 'buy',
    arguments: { item: 'a clock', count: 4 },
    tools: [
      { name: 'buy', parameters: { item: 'string', count: 'integer' } as const },
      { name: 'pay', parameters: { to: 'string', amount: 'integer' } as const },
    ],
  };
  const call = '{"tool":"buy","arguments":{"item":"a clock","count":4}}';

  it.each([
    ['prose around', `Sure, {I} call it:\n${call}\nDone.`, call],
    ['a fence', `\`\`\`json\n${call}\n\`\`\``, call],
    ['the keys of Llama', '{"name": "buy", "parameters": {"item": "a clock", "count": 4}}', call],
    [
      'the keys of OpenAI',
      '{"tool_calls":[{"type":"function","function":{"name":"buy","arguments":"{\\"item\\":\\"a clock\\",\\"count\\":4}"}}]}',
      call,
    ],
    ['the tags of Hermes', `<tool_call>\n{"name":"buy","arguments":{"item":"Clock","count":4}}\n</tool_call>`, call],
    ['a call in Python', 'I would call `buy(item="clock", count=4)`.', call],
    ['arguments in their order', "buy('a clock', 4)", call],
    ['the first of two', `{"tool":"pay","arguments":{}} ${call}`, '{"tool":"pay","arguments":{}}'],
    ['a number as text, which stays wrong', '{"tool":"buy","arguments":{"item":"a clock","count":"4"}}', null],
    ['the signature of a tool', 'buy(item: string, count: integer)', undefined],
    ['a function of its own', 'def buy(item, count):', undefined],
    ['an object that was cut', '{"tool":"buy","arguments":{"item":', null],
    ['prose', 'I will buy 4 clocks.', undefined],
  ])('%s', (_, answer, text) => {
    const found = extractCall(answer, facts);
    if (answer.includes('"4"')) expect(found?.text).toContain('"count":"4"');
    else expect(found?.text).toBe(text);
  });
});

describe('extractText', () => {
  it.each([
    ['Sure! Here it is:\nfrog office\n\nI hope this helps!', 'frog office'],
    ['Here you go: "frog office"', 'frog office'],
    ['```\nfrog office\n```', 'frog office'],
    ['**FROG OFFICE**', 'FROG OFFICE'],
    ['1. frog\n2. office', '1. frog 2. office'],
    ['frog-office', 'frog-office'],
  ])('"%s"', (answer, text) => {
    expect(extractText(answer)?.text).toBe(text);
  });
});

describe('hostile answers', () => {
  it.each([
    '`'.repeat(2e6),
    '```\n'.repeat(5e5),
    '{'.repeat(2e6),
    '{"'.repeat(1e6),
    'answer '.repeat(3e5),
    'answer to '.repeat(2e5),
    '\n'.repeat(1e6),
    '"'.repeat(2e6),
    '1,111'.repeat(4e5),
    `x${' '.repeat(2e6)}x`,
    'def f(\n'.repeat(3e5),
  ])('take time in proportion to their length (%#)', (hostile) => {
    const tools = { kind: 'tool-call' as const, tool: 'buy', arguments: {}, tools: [{ name: 'buy', parameters: {} }] };
    const ms = processorMs(() => {
      extractProgram(hostile, 'f');
      extractNumber(hostile);
      extractChoice(hostile, { choices: ['a', 'b'], about: 'c' });
      extractVerdict(hostile, ['yes', 'no']);
      extractCall(hostile, tools);
      extractText(hostile);
      isRefusal(hostile);
    });
    // A few here; where a step is quadratic, hours.
    expect(ms / slowness()).toBeLessThan(60_000);
  });
});
