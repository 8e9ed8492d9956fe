import { timeGrowth } from '@cogumi/pure/testing';
import { describe, expect, it } from 'vitest';
import { separateWords } from '../text/separate-words.ts';
import { mostShingles, ShingleReader } from './read-shingles.ts';

const reader = new ShingleReader();

/** The hash by which exact duplicates are found. */
function hashOf(text: string): string {
  const bytes = Buffer.from(`${separateWords(text)}\0`);
  reader.read(bytes, 0, bytes.length - 1, new Uint32Array(mostShingles(bytes.length)), 0);
  return `${reader.hashLow} ${reader.hashHigh}`;
}

/** Texts that differ in a sign that carries meaning. */
const DIFFERENT: readonly string[][] = [
  ['Write it in C.', 'Write it in C++.', 'Write it in C#.', 'Write it in C--.'.replace('--', '*+')],
  ['C', 'C++', 'C#'],
  ['F# major', 'F major'],
  ['learn .NET now', 'learn NET now'],
  ['Is 5 > 3 right?', 'Is 5 < 3 right?', 'Is 5 = 3 right?', 'Is 5 >= 3 right?', 'Is 5 3 right?'],
  ['x^2-9', 'x^2+9', 'x^2/9', 'x^2*9'],
  ['the sum is -5 here', 'the sum is 5 here', 'the sum is +5 here'],
  ['−5 degrees', '5 degrees'],
  ['(-x)', '(x)'],
  ['a != b', 'a == b', 'a = b', 'a >= b', 'a ~ b'],
  ['a && b', 'a || b', 'a & b', 'a | b', 'a ^ b'],
  ['!done', 'done'],
  ['pay $5', 'pay €5', 'pay £5', 'pay 5', 'pay ¥5', 'pay ₹5'],
  ['50% of it', '50 of it', '50‰ of it', '50° of it'],
  ['1.5 km', '15 km', '1 5 km'],
  ['at .5 now', 'at 5 now'],
  ['10:30', '10.30', '10 30'],
  ['3:1', '3/1', '3-1'],
  ['6 / 3', '6 - 3', '6 + 3', '6 * 3', '6 × 3', '6 ÷ 3'],
  ['a/b', 'a-b', 'a+b', 'a*b'],
  ['(a + b) * c', 'a + b * c', 'a + (b * c)'],
  ['a - (b - c)', 'a - b - c'],
  ['2**3', '2*3', '2 3'],
  ['5! = 120', '5 = 120'],
  ["f'(x) = 2", 'f(x) = 2'],
  ['10² cells', '102 cells'],
  ['x² = 9', 'x = 9'],
  ['[0, 1]', '(0, 1)', '[0, 1)'],
  ['great :)', 'great :(', 'great :D', 'great ;)', 'great'],
  ["sad :'(", 'sad :-)'],
  ['I <3 it', 'I 3 it'],
  ['yes 👍', 'yes 👎', 'yes 👍🏿', 'yes'],
  ['🇩🇪', '🇫🇷', '🇩🇰'],
  ['❤️ you', '💔 you'],
  ['A → B', 'A ← B', 'A ↔ B'],
  ['x ≤ 3', 'x ≥ 3', 'x ≠ 3', 'x ± 3'],
  ['A ∪ B', 'A ∩ B', 'A \\ B'],
  ['rm --force x', 'rm force x'],
  ['~5 cm', '5 cm'],
  ['@home', 'home'],
  ['#5', '5'],
  ['♠ ace', '♥ ace'],
  ['=', '!=', '+'],
];

/** Texts that differ in punctuation or formatting only. */
const EQUAL: readonly string[][] = [
  ['It is good.', 'It is good', 'It is good!', 'It is good?', 'it is good…', 'It is good. '],
  ['"Yes," he said.', '“Yes,” he said.', "'Yes', he said", '«Yes», he said.', 'Yes he said'],
  ["don't go", 'don’t go', 'don´t go'],
  ['one, two, and three', 'one two and three', 'one; two; and three', 'One: two and three.'],
  ['a well-known rule', 'a well known rule', 'a well‑known rule', 'a well–known rule'],
  ['this - or that', 'this — or that', 'this – or that', 'this, or that'],
  ['see (above) now', 'see above now', 'see [above] now'],
  ['# Title here', '## Title here', 'Title here', 'Title here:'],
  ['**bold** word', 'bold word', '*bold* word', '__bold__ word', '`bold` word'],
  ['- one\n- two', '* one\n* two', 'one\ntwo', '+ one\n+ two', '• one\n• two', '– one\n– two'],
  ['> quoted text', 'quoted text'],
  ['and/or', 'and or'],
  ['pages 5-7', 'pages 5–7', 'pages 5−7'],
  ['the cats’ food', "the cats' food"],
  ['Hello!\nHow are you?', 'Hello. How are you'],
  ['snake_case', 'snake case'],
  ['你好，世界。', '你好,世界.', '你好 世界'],
  ['¿Qué?', 'qué'],
  ['5 apples (green)', '5 apples, green'],
];

describe('signs that carry meaning', () => {
  it.each(DIFFERENT.map((texts) => [texts]))('distinguish %j', (texts) => {
    expect(new Set(texts.map(hashOf)).size).toBe(texts.length);
  });

  it.each(EQUAL.map((texts) => [texts]))('are not what distinguishes %j', (texts) => {
    expect(texts.map(hashOf)).toEqual(texts.map(() => hashOf(texts[0] as string)));
  });

  it('do not distinguish texts by invisible characters, width or composition', () => {
    const text = 'Write C++ for a café: 5 > 3, $5 👍';
    for (const other of [
      [...text].join('\u200b'),
      text.normalize('NFD'),
      text.replace(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)),
      text.replaceAll('e', 'e\u00ad').replace('👍', '👍\ufe0f'),
    ])
      expect(hashOf(other)).toBe(hashOf(text));
  });

  it('are read in linear time', () => {
    for (const sign of "!#*+-./:;=>@[]^()'".split('')) {
      const text = (length: number) => hashOf(`a${sign.repeat(length)} b`);
      expect([sign, timeGrowth(text, 20_000, 160_000) < 8 * 4]).toEqual([sign, true]);
    }
  });
});
