import { readFileSync } from 'node:fs';
import { sharedData } from '@cogumi/pure/testing';
import { describe, expect, it } from 'vitest';
import { ratingCall, ratingPrompts, ratingPromptsHash, readRating } from './rating-prompts.ts';

const published = readFileSync(sharedData('mt_bench/judge_prompts.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Record<string, string>);
const prompts = ratingPrompts(published, 'judge_prompts.jsonl');
const dialogue = { turns: ['What is {answer}?', 'And $& then?'], references: null };
const textOf = (call: ReturnType<typeof ratingCall>) => call.messages.at(-1)?.content ?? '';

describe('readRating', () => {
  it.each([
    ['It is right. Rating: [[8]]', 8],
    ['Rating: [[8.5]]', 8.5],
    ['[[7.]]', 7],
    ['I gave [3] points for style. Rating: [[10]], not [[1]]', 10],
    ['Rating: [6]', 6],
    ['Rating: 6', null],
    ['[[eight]]', null],
    ['[[95]]', null],
    ['[[0]]', null],
    ['', null],
    [null, null],
  ])('of %j is %j', (reply, rating) => expect(readRating(reply)).toBe(rating));
});

describe('ratingCall', () => {
  it('shows the judge the first turn, then both, with what stands in braces left as it is', () => {
    const first = ratingCall(prompts, { ...dialogue, answers: ['{question}'] });
    expect(first).toMatchObject({ temperature: 0, maxTokens: 2048, messages: [{ role: 'system' }, { role: 'user' }] });
    expect(textOf(first)).toContain("[Question]\nWhat is {answer}?\n\n[The Start of Assistant's Answer]\n{question}\n");
    expect(textOf(first)).not.toContain('And $& then?');
    const second = textOf(ratingCall(prompts, { ...dialogue, answers: ['One', 'Two'] }));
    expect(second).toContain('### User:\nAnd $& then?\n\n### Assistant A:\nTwo');
    expect(second).not.toContain('Reference');
  });

  it('shows reference answers where there are some', () => {
    const call = ratingCall(prompts, { ...dialogue, answers: ['One', 'Two'], references: ['Uno', 'Dos'] });
    expect(textOf(call)).toContain('### Reference answer:\nDos');
  });

  it('refuses prompts that are not those of single answers', () => {
    const without = published.filter(({ name }) => name !== 'single-math-v1');
    expect(() => ratingPrompts(without, 'p.jsonl')).toThrow(/p.jsonl has no prompt single-math-v1; it has pair-v2/);
    const pairs = published.map((record) => ({ ...record, output_format: '[[A]]' }));
    expect(() => ratingPrompts(pairs, 'p.jsonl')).toThrow('asks for [[A]] and not for [[rating]]');
    const other = published.map((record) => ({ ...record, prompt_template: '{question} {verdict}' }));
    const asked = { ...dialogue, answers: ['One'] };
    expect(() => ratingCall(ratingPrompts(other, 'p.jsonl'), asked)).toThrow('asks for {verdict}');
  });

  it('has another hash for another prompt', () => {
    const other = published.map((record) => ({ ...record, system_prompt: 'Be kind.' }));
    expect(ratingPromptsHash(ratingPrompts(other, ''))).not.toBe(ratingPromptsHash(prompts));
    expect(ratingPromptsHash(prompts)).toMatch(/^[0-9a-f]{64}$/);
  });
});
