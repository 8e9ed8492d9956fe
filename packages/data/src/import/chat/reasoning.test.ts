import { processorMs, slowness } from '@cogumi/pure/testing';
import { describe, expect, it } from 'vitest';
import { separateReasoning } from './reasoning.ts';

const separate = (text: string) => {
  const { text: answer, reasoning } = separateReasoning(text);
  return [answer, reasoning];
};

describe('separateReasoning', () => {
  it.each([
    ['<think>\na\n</think>\n\nb', 'b', 'a'],
    ['<Think>a</THINK> b', 'b', 'a'],
    ['<thinking>a</thinking>b', 'b', 'a'],
    ['<reasoning>\na\n</reasoning>\n<answer>\nb\n</answer>', '<answer>\nb\n</answer>', 'a'],
    ['[THINK]a[/THINK]b', 'b', 'a'],
    ['◁think▷a◁/think▷b', 'b', 'a'],
    ['<|begin_of_thought|>a<|end_of_thought|>\n\n<|begin_of_solution|>\nb<|end_of_solution|>', 'b', 'a'],
    ['a\n</think>\n\nb', 'b', 'a'],
    ['b <think>a</think> c', 'b c', 'a'],
    ['b\n\n<think>a</think>\n\nc', 'b\n\nc', 'a'],
    ['<think>a</think>b\n<think>c</think>\nd', 'b\n\nd', 'a\n\nc'],
    ['<think>a <think> b</think>c', 'c', 'a <think> b'],
    ['<think>```\ncode\n</think>b', 'b', '```\ncode'],
    ['b\n<think>a', 'b', 'a'],
    ['<think>a', '', 'a'],
    ['<think>\n\n</think>\n\nb', 'b', null],
    ['It says <think> here.\n<reasoning>a</reasoning>\nb', 'It says <think> here.\n\nb', 'a'],
    ['İ<think>a</think>\n    b', 'İ\n    b', 'a'],
  ])('%j', (text, answer, reasoning) => {
    expect(separate(text)).toEqual([answer, reasoning]);
  });

  it.each([
    'Write `<think>` before and `</think>` after it.',
    '```xml\n<think>a</think>\n```',
    '```\n<think>a',
    'The mark <think> opens it.',
    'It ends at </think> in the text.',
    'I think so.',
    '  indented\n',
  ])('leaves %j as it is', (text) => {
    expect(separate(text)).toEqual([text, null]);
  });

  it('takes linear time for marks that never close', () => {
    const ms = processorMs(() => {
      separateReasoning('a <think>'.repeat(12_000));
      separateReasoning(`${'`'.repeat(200_000)}<think>`);
      separateReasoning('a <think> <thinking> [think] '.repeat(12_000));
      separateReasoning('</think> x'.repeat(12_000));
      separateReasoning('a<think></think>\n'.repeat(25_000));
      separateReasoning('\n\n \t'.repeat(50_000) + 'x<think>'.repeat(2));
    });
    expect(ms / slowness()).toBeLessThan(3000);
  });
});
