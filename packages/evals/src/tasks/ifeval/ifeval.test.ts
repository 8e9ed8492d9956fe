import { timeGrowth } from '@cogumi/pure/testing';
import { describe, expect, it } from 'vitest';
import { summarizeTask } from '../../report/summarize-task.ts';
import { type PunktParameters, sentences } from '../../text/sentences.ts';
import { wordTokens } from '../../text/word-tokens.ts';
import type { GenerationItem } from '../task.ts';
import { type IfevalRow, ifeval } from './ifeval.ts';

const punkt: PunktParameters = {
  abbreviations: new Set(['dr', 'u.s', 'p.m']),
  collocations: new Set(['##number##\tst']),
  starters: new Set(['the', 'he']),
  // Seen in small letters inside a sentence, and as a name.
  context: new Map([
    ['the', (1 << 1) | (1 << 5)],
    ['smith', 1 << 2],
  ]),
};
const tools = { punkt, isLanguage: (_: string, language: string) => language === 'en' };
const row = (...instructions: (readonly [string, Record<string, unknown>])[]): IfevalRow => ({
  ...{ key: 1, prompt: 'Write.' },
  instruction_id_list: instructions.map(([id]) => id),
  kwargs: instructions.map(([, given]) => given),
});
const task = (...rows: IfevalRow[]) => ifeval({ path: 'input_data.jsonl', rows }, tools);
const follows = (id: string, given: Record<string, unknown>, answer: string) => {
  const { score } = task(row([id, given])).items[0] as GenerationItem;
  return (score(answer).inst_level_strict_acc as number[])[0] === 1;
};

describe('ifeval', () => {
  it('counts prompts and instructions, strictly and without first line, last line and asterisks', () => {
    const given = task(row(['punctuation:no_comma', {}], ['startend:quotation', {}], ['detectable_format:title', {}]));
    const { score } = given.items[0] as GenerationItem;
    expect(score('Well, yes:\n"<<A title>>"')).toEqual({
      prompt_level_strict_acc: 0,
      inst_level_strict_acc: [0, 0, 1],
      prompt_level_loose_acc: 1,
      inst_level_loose_acc: [1, 1, 1],
    });
    expect(score('  ').inst_level_loose_acc).toEqual([0, 0, 0]);
    const items = ['"<<A>>"', 'no, none'].map((reply, at) => ({
      ...{ id: String(at), group: null, reply },
      scores: score(reply),
    }));
    expect(summarizeTask(given, items).scores.map(({ metric, items: of, right }) => [metric, of, right])).toEqual([
      ['prompt_level_strict_acc', 2, 1],
      ['inst_level_strict_acc', 6, 3],
      ['prompt_level_loose_acc', 2, 1],
      ['inst_level_loose_acc', 6, 3],
    ]);
  });

  it.each([
    ['keywords:existence', { keywords: ['Tree', 'leaf'] }, 'a LEAFY tree', 'a tree'],
    ['keywords:frequency', { keyword: 'ice ', frequency: 2, relation: 'at least' }, 'Ice, nice', 'ice'],
    ['keywords:forbidden_words', { forbidden_words: ['ice'] }, 'nicer', 'some ICE.'],
    ['keywords:letter_frequency', { letter: 'e', let_frequency: 2, let_relation: 'less than' }, 'E', 'Eye'],
    ['length_constraints:number_sentences', { num_sentences: 2, relation: 'less than' }, 'Dr. Smith went.', 'He. The.'],
    ['length_constraints:number_paragraphs', { num_paragraphs: 2 }, 'one\n***\ntwo', 'one\n\ntwo'],
    ['length_constraints:number_words', { num_words: 3, relation: 'at least' }, 'été à_b 3', 'one-two'],
    [
      'length_constraints:nth_paragraph_first_word',
      { num_paragraphs: 2, nth_paragraph: 2, first_word: 'Weather' },
      'one\n\n"weather, then',
      'one\n\n\n\nweather',
    ],
    ['detectable_content:number_placeholders', { num_placeholders: 2 }, '[a][b]', '[a\n]'],
    ['detectable_content:postscript', { postscript_marker: 'P.P.S' }, 'x p. p. s', 'P.S.'],
    ['detectable_format:number_bullet_lists', { num_bullets: 2 }, '* a\n- b', '* a\n**b** - c'],
    ['detectable_format:constrained_response', {}, 'So: My answer is no.', 'My answer: no'],
    ['detectable_format:number_highlighted_sections', { num_highlights: 1 }, 'a *b*', '** **'],
    [
      'detectable_format:multiple_sections',
      { section_spliter: 'SECTION', num_sections: 2 },
      'SECTION 1 SECTION2',
      'Section 1',
    ],
    ['detectable_format:json_format', {}, '```json\n{"a": NaN}\n```', '{"a": }'],
    ['combination:two_responses', {}, 'a\n******\nb', 'a ****** a'],
    ['combination:repeat_prompt', { prompt_to_repeat: 'Say it. ' }, ' say it. Yes', 'I say it.'],
    ['startend:end_checker', { end_phrase: 'The End.' }, '"So. THE END."', 'The End. x'],
    ['change_case:english_capital', {}, 'A B 1', 'A b'],
    ['change_case:english_lowercase', {}, 'a b', '1'],
    ['change_case:capital_word_frequency', { capital_frequency: 2, capital_relation: 'at least' }, "I'M", 'Am I?'],
    ['language:response_language', { language: 'en' }, 'x', ''],
  ])('checks %s', (id, given, right, wrong) => {
    expect(follows(id, given, right)).toBe(true);
    expect(follows(id, given, wrong)).toBe(false);
  });

  it('refuses instructions that it does not know, and those without arguments', () => {
    expect(() => task(row(['length_constraints:no_such', {}]))).toThrow(
      expect.objectContaining({ code: 'EVAL_KEY', message: expect.stringContaining('no_such') }),
    );
    expect(() => task({ ...row(['punctuation:no_comma', {}]), kwargs: [] })).toThrow(
      expect.objectContaining({ code: 'EVAL_KEY' }),
    );
  });
});

describe('the arguments of an instruction', () => {
  it.each([
    ['keywords:existence', { keywords: null }, 'null as keywords'],
    ['keywords:forbidden_words', { forbidden_words: ['fine', '(a'] }, '["fine","(a"] as forbidden_words.1'],
    ['keywords:frequency', { keyword: 'ice', frequency: 2, relation: 'about' }, '"about" as relation'],
    ['length_constraints:nth_paragraph_first_word', { num_paragraphs: 2, first_word: 'A' }, 'none as nth_paragraph'],
  ])('of %s are refused before anything is asked: %j', (id, given, found) => {
    expect(() => task(row([id, given]))).toThrow(
      expect.objectContaining({ code: 'EVAL_KEY', message: expect.stringContaining(`has ${found}`) }),
    );
  });
});

it.each([
  ['detectable_content:number_placeholders', { num_placeholders: 1 }, '[a'],
  ['detectable_format:title', {}, '<<'],
  ['detectable_format:number_bullet_lists', { num_bullets: 1 }, '\n '],
  ['detectable_format:json_format', {}, '"\\'],
  ['startend:end_checker', { end_phrase: 'x' }, '"'],
  ['punctuation:no_comma', {}, ' '],
])('%s is checked in linear time', (id, given, part) => {
  const { score } = task(row([id, given])).items[0] as GenerationItem;
  expect(timeGrowth((size) => score(`a${part.repeat(size)}a`), 4000, 32_000)).toBeLessThan(24);
});

describe('sentences', () => {
  it.each([
    ['Dr. Smith came at 5 p.m. The U.S. team left.', ['Dr. Smith came at 5 p.m.', 'The U.S. team left.']],
    ['Stop!!! (Really?) "Yes."  J. Bach', ['Stop!!!', '(Really?)', '"Yes."', 'J. Bach']],
    ['One\n\ntwo. three', ['One\n\ntwo.', 'three']],
    ['', []],
  ])('divides %j', (text, parts) => {
    expect(sentences(text, punkt)).toEqual(parts);
  });
});

describe('wordTokens', () => {
  it('divides as the Penn Treebank', () => {
    expect(wordTokens(`He said: "I can't pay $3.88 (U.S.)--ok?"`)).toEqual([
      'He',
      'said',
      ':',
      '``',
      'I',
      'ca',
      "n't",
      'pay',
      '$',
      '3.88',
      '(',
      'U.S.',
      ')',
      '--',
      'ok',
      '?',
      "''",
    ]);
  });
});
