import { describe, expect, it } from 'vitest';
import { type MmluRow, mmlu } from './mmlu.ts';
import type { ChoiceItem } from './task.ts';

const row = (subject: string, question: string, answer: string | number): MmluRow => ({
  ...{ subject, question, answer },
  choices: ['one', 'two', 'three', 'four'],
});
const file = (...rows: MmluRow[]) => ({ path: 'val.jsonl', rows });
const development = file(
  ...[1, 2, 3].map((at) => row('moral_disputes', `Example ${at}?`, 'B')),
  ...[1, 2, 3].map((at) => row('anatomy', `Bone ${at}?`, 2)),
);

describe('mmlu', () => {
  it('asks as lm-eval does: the subject, the first examples of the subject, the question without spaces around it', () => {
    const { items } = mmlu(file(row('moral_disputes', ' Is it?\n', 'A')), development, { shots: 1 });
    expect(items[0]).toMatchObject({ id: 'moral_disputes-0', group: 'moral_disputes' });
    expect(items[0]?.request).toEqual({
      kind: 'choose',
      context:
        'The following are multiple choice questions (with answers) about moral disputes.\n\n' +
        'Example 1?\nA. one\nB. two\nC. three\nD. four\nAnswer: B\n\n' +
        'Is it?\nA. one\nB. two\nC. three\nD. four\nAnswer:',
      choices: [' A', ' B', ' C', ' D'],
    });
  });

  it('never shows a question to itself where its own rows are asked', () => {
    const contexts = mmlu(development, development, { shots: 2 }).items.map(({ request }) =>
      request.kind === 'choose' ? request.context.match(/Bone \d|Example \d/g) : null,
    );
    expect(contexts[0]).toEqual(['Example 2', 'Example 3', 'Example 1']);
    expect(contexts[5]).toEqual(['Bone 1', 'Bone 2', 'Bone 3']);
  });

  it('scores the likeliest letter, of equal ones the first', () => {
    const [first, second] = mmlu(file(row('anatomy', 'a', 'B'), row('anatomy', 'b', 3)), null).items as ChoiceItem[];
    expect(first?.score([-3, -1, -2, -4])).toEqual({ acc: 1 });
    expect(first?.score([-1, -1, -2, -4])).toEqual({ acc: 0 });
    expect(second?.score([-3, -4, -2, -1])).toEqual({ acc: 1 });
  });

  it('limits each subject, as lm-eval does', () => {
    const rows = ['anatomy', 'virology', 'anatomy', 'anatomy', 'virology'].map((subject, at) =>
      row(subject, `${at}`, 'A'),
    );
    expect(mmlu(file(...rows), null, { limit: 1 }).items.map(({ id }) => id)).toEqual(['anatomy-0', 'virology-0']);
    expect(mmlu(file(...rows), null).items).toHaveLength(5);
  });

  it.each(['E', 'AB', 4, -1])('refuses the key %j, which is none of the choices', (answer) => {
    expect(() => mmlu(file(row('anatomy', 'a', 'A'), row('anatomy', 'b', answer)), null)).toThrow(
      `Row 2 of val.jsonl cannot be used: expected that its answer key is A to D, or 0 to 3, for its 4 choices, but it is ${JSON.stringify(answer)}.`,
    );
  });

  it('refuses more examples than a subject has', () => {
    expect(() => mmlu(file(row('virology', 'a', 'A')), development, { shots: 5 })).toThrow('there are 0 rows');
  });
});
