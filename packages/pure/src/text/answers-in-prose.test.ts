import { describe, expect, it } from 'vitest';
import { fencedBlocks } from './fenced-blocks.ts';
import { firstJson } from './json-in-prose.ts';
import { concludingNumber, numbersIn } from './number-in-prose.ts';
import { statedAnswer, withoutMarks } from './stated-answer.ts';

describe('fencedBlocks', () => {
  it.each([
    ['two blocks', 'a\n```Python\nx = 1\n```\nb\n```\ny\n```', ['python|x = 1|true', '|y|true']],
    ['one without an end', '```js\nx\n\ny', ['js|x\n\ny|false']],
    ['one in a line', 'Say ```print(1)``` and ```\nz\n```', ['|print(1)|true', '|z|true']],
    ['an empty one', '```\n```', ['||true']],
    ['an opening without a line', '```python', ['python||false']],
    ['backticks within a line of code', '```\nx = "```"\n```', ['|x = "```"|true']],
    ['longer fences', '````md\ntext\n````', ['md|text|true']],
    ['none', 'no `code` here', []],
  ])('reads %s', (_, answer, blocks) => {
    expect(fencedBlocks(answer).map(({ language, text, closed }) => [language, text, closed].join('|'))).toEqual(
      blocks,
    );
  });
});

describe('firstJson', () => {
  it.each([
    ['behind braces of prose', 'Use {name}: {"a": {"b": "} \\" {"}} {"c": 1}', { a: { b: '} " {' } }],
    ['across lines', 'x\n{\n "a": [1, {"b": 2}]\n}\ny', { a: [1, { b: 2 }] }],
    ['within an object that is none', '{ not json {"a": 1} }', { a: 1 }],
  ])('finds an object %s', (_, text, value) => {
    expect(firstJson(text)).toMatchObject({ value });
  });

  it('takes arrays where they are asked for, and objects alone otherwise', () => {
    expect(firstJson('See [1, {"a": 2}].', { arrays: true })).toMatchObject({ value: [1, { a: 2 }] });
    expect(firstJson('See [1, {"a": 2}].')).toMatchObject({ value: { a: 2 } });
  });

  it('tells an object that was cut from none', () => {
    expect(firstJson('{"a": "b')).toEqual({ open: true });
    expect(firstJson('no object')).toBeNull();
  });
});

describe('numbers in prose', () => {
  it.each([
    ['3-5 apples, −7 and 1,234.5 or ４２', [3, 5, -7, 1234.5, 42]],
    ['.5 of 2e3', [0.5, 2000]],
    ['none', []],
  ])('%s', (text, numbers) => {
    expect(numbersIn(text)).toEqual(numbers);
  });

  it.each([
    ['3 and 4 make 7', 7, false],
    ['#### 1,200 \nThe answer is 3', 1200, true],
    ['The answer is $18 of 20.', 18, true],
    ['so \\boxed{-3}', -3, true],
    ['The answer is unclear. It is 4 or 5', 5, false],
  ])('%s', (text, value, stated) => {
    expect(concludingNumber(text)).toEqual({ value, stated });
  });
});

describe('statedAnswer', () => {
  it.each([
    ['The answer is: **Paris**. It lies on the Seine.', 'Paris'],
    ['Final answer: (B)', '(B)'],
    ['The correct answer to this old riddle would be "no."', 'no'],
    ['Answer = 3.5', '3.5'],
    ['I cannot answer this.', null],
    ['The answer is', null],
  ])('%s', (text, stated) => {
    expect(statedAnswer(text)).toBe(stated);
  });

  it('leaves marks within a text alone', () => {
    expect(withoutMarks(' **“it is 3.5”**. ')).toBe('it is 3.5');
    expect(withoutMarks('snake_case')).toBe('snake_case');
  });
});
