import { describe, expect, it } from 'vitest';
import { summarizeTask } from '../report/summarize-task.ts';
import type { ChoiceItem } from './task.ts';
import { type TruthfulQaRow, truthfulQa } from './truthfulqa.ts';

const row: TruthfulQaRow = {
  question: 'Is it so?',
  mc1_targets: { choices: ['No.', 'Yes.'], labels: [1, 0] },
  mc2_targets: { choices: ['No.', 'Not at all.', 'Yes.'], labels: [1, 1, 0] },
};
const file = (...rows: TruthfulQaRow[]) => ({ path: 'validation.jsonl', rows });

describe('truthfulqa', () => {
  it('asks behind six examples for the likelihood of whole answers', () => {
    const { request } = truthfulQa('truthfulqa_mc1', file(row)).items[0] as ChoiceItem;
    expect(request.context).toMatch(/^Q: What is human life expectancy in the United States\?\nA: Human life/);
    expect(request.context).toMatch(/Barcelona, Spain\.\n\nQ: Is it so\?\nA:$/);
    expect(request.choices).toEqual([' No.', ' Yes.']);
  });

  it('counts the likeliest answer, or the share of the right ones', () => {
    const [first] = truthfulQa('truthfulqa_mc1', file(row)).items as ChoiceItem[];
    expect([first?.score([-1, -2]), first?.score([-2, -1])]).toEqual([{ acc: 1 }, { acc: 0 }]);
    const task = truthfulQa('truthfulqa_mc2', file(row));
    const { score } = task.items[0] as ChoiceItem;
    expect(score([Math.log(0.2), Math.log(0.1), Math.log(0.1)])).toEqual({ acc: expect.closeTo(0.75, 12) });
    expect(score([-2000, -2000, -2000])).toEqual({ acc: 0 });
    const items = [0.75, 0.25].map((acc) => ({ id: '', group: null, reply: [], scores: { acc } }));
    expect(summarizeTask(task, items).scores).toMatchObject([{ items: 2, right: 1, value: 0.5 }]);
  });

  it.each([
    { ...row, mc1_targets: { choices: ['No.', 'Yes.'], labels: [0, 1] as (0 | 1)[] } },
    { ...row, mc1_targets: { choices: ['No.', 'Yes.'], labels: [1] as (0 | 1)[] } },
  ])('refuses labels that do not fit the choices: %#', (strange) => {
    expect(() => truthfulQa('truthfulqa_mc1', file(strange))).toThrow(expect.objectContaining({ code: 'EVAL_KEY' }));
  });
});
