import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { GenerationItem } from '../task.ts';
import { readerOf } from './answer-readers.ts';
import { bbh, bbhZeroShot, readBbh, scoreBbhZeroShot } from './bbh.ts';

const OPTIONS = 'Which?\nOptions:\n(A) a circle\n(B) a circle with a dot.\n(C) kite';
const WORDS = "Sort. List: pear fig o'connell apple";

describe('readerOf', () => {
  // What the filters of lm-eval 0.4.13 find.
  it.each([
    ['object_counting', 'there are 12, no 13', '12'],
    ['object_counting', 'I count twenty three apples', '23'],
    ['object_counting', 'TWO', '2'],
    ['object_counting', 'sixteen', '16'],
    ['object_counting', 'six', '[invalid]'],
    ['object_counting', 'eight', '[invalid]'],
    ['object_counting', 'forty six', '40'],
    ['object_counting', 'two hundred and five', '205'],
    ['object_counting', 'one hundred', '100'],
    ['object_counting', 'two, three', '3'],
    ['object_counting', 'thousand', '1000'],
    ['object_counting', 'three million and one thousand two hundred five', '3001205'],
    ['object_counting', 'one two three four five', '1'],
    ['object_counting', 'no idea', '[invalid]'],
    ['multistep_arithmetic_two', ' - ', '-'],
    ['date_understanding', ' (B) or (C)', '(B)'],
    ['date_understanding', 'It is a circle with a dot', '(B)'],
    ['date_understanding', 'It is a circle.', '(A)'],
    ['date_understanding', 'A KITE!', '(C)'],
    ['date_understanding', 'Kite (a)', '(C)'],
    ['date_understanding', 'The answer is: B', '(B)'],
    ['date_understanding', 'answer:C', '(C)'],
    ['date_understanding', 'a', '[invalid]'],
    ['word_sorting', "apple fig o'connell pear", "apple fig o'connell pear"],
    ['word_sorting', 'pear fig pear apple apples', 'fig pear apple'],
    ['word_sorting', 'Fig', ''],
    ['sports_understanding', 'Not plausible.', 'no'],
    ['sports_understanding', 'It is PLAUSIBLE', 'yes'],
    ['sports_understanding', 'maybe', '[invalid]'],
    ['web_of_lies', 'She is not telling the truth', 'no'],
    ['web_of_lies', 'He tells the truth', 'yes'],
    ['web_of_lies', 'know', '[invalid]'],
    ['dyck_languages', ' ] >', '] >'],
    ['dyck_languages', 'Input: [ < ] ) then', '[ < ] )'],
    ['boolean_expressions', 'not true but False', 'False'],
    ['formal_fallacies', 'It is invalid.', 'invalid'],
  ])('%s: %j is read as %j', (task, answer, found) => {
    expect(readerOf(task)(answer, task === 'word_sorting' ? WORDS : OPTIONS)).toBe(found);
  });
});

describe('bbhZeroShot', () => {
  it('asks what the task is about and the question, and scores both ways', () => {
    const [item] = bbhZeroShot({ navigate: [{ input: 'Turn left. Back?', target: 'No' }] }).items;
    expect(item).toMatchObject({ id: 'navigate-0', group: 'navigate' });
    expect(item?.request).toEqual({
      kind: 'generate',
      prompt:
        'Given a series of navigation instructions, determine whether one would end up back at the starting point.\n\n' +
        'Q: Turn left. Back?\nA:',
      stop: ['</s>', 'Q:', '<|im_end|>'],
      maxTokens: 256,
    });
    const row = { input: '', target: 'No' };
    expect(scoreBbhZeroShot('navigate', row, 'no.')).toEqual({ 'strict-match': 1, 'flexible-extract': 1 });
    // The space that a model begins with counts in the strict reading.
    expect(scoreBbhZeroShot('navigate', row, ' No, it is not')).toEqual({ 'strict-match': 0, 'flexible-extract': 1 });
  });
});

describe('bbh', () => {
  const steps = "A: Let's think step by step.";
  const prompt = `Canary\n-----\nAbout.\n\nQ: One?\n${steps}\nFirst. So the answer is Yes.\n\nQ: Two?\n${steps} Second. So the answer is No.`;
  const [item] = bbh({ navigate: [{ input: 'Three?', target: 'Yes' }] }, { navigate: prompt })
    .items as GenerationItem[];

  it('shows the published examples, each answer below its question', () => {
    expect(item?.request).toEqual({
      kind: 'generate',
      prompt: `About.\n\nQ: One?\n${steps}\nFirst. So the answer is Yes.\n\nQ: Two?\n${steps}\nSecond. So the answer is No.\n\nQ: Three?\n${steps}\n`,
      stop: ['</s>', 'Q', '\n\n'],
      maxTokens: 1024,
    });
  });

  it('reads what stands behind "the answer is", without its last character', () => {
    expect(item?.score('So the answer is Yes.')).toEqual({ 'get-answer': 1 });
    expect(item?.score('So the answer is Yes')).toEqual({ 'get-answer': 0 });
    expect(item?.score('Yes.')).toEqual({ 'get-answer': 0 });
  });
});

describe('readBbh', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cogumi-bbh-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return new Map([[name.replace('.json', ''), join(folder, name)]]);
  };

  it('reads the published form', async () => {
    const files = write('navigate.json', '{"canary":"","examples":[{"input":"Back?","target":"No"}]}');
    expect(await readBbh(files)).toEqual({ navigate: [{ input: 'Back?', target: 'No' }] });
  });

  it.each([
    ['notes.json', '{}', 'None of the files is a task of BIG-Bench Hard: there is notes.'],
    ['navigate.json', '[', 'is no JSON'],
    ['navigate.json', '{"examples":[]}', 'at least one row'],
    ['navigate.json', '{"examples":[{"input":"Back?","answer":"No"}]}', '"target", but it has fields input, answer'],
  ])('refuses %s with %s', async (name, text, message) => {
    await expect(readBbh(write(name, text))).rejects.toThrow(message);
  });
});
