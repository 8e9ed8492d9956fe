import { describe, expect, it } from 'vitest';
import { humanEval } from '../tasks/code/human-eval.ts';
import { passAtK } from './pass-at-k.ts';
import { summarizeTask } from './summarize-task.ts';

describe('passAtK', () => {
  it('is the share of subsets with a right answer', () => {
    for (const [samples, right] of [
      [5, 0],
      [5, 2],
      [6, 1],
      [6, 6],
    ] as const) {
      for (let k = 1; k <= samples; k++) {
        const subsets = Array.from({ length: 2 ** samples }, (_, bits) => bits).filter((bits) => ones(bits) === k);
        const solved = subsets.filter((bits) => (bits & (2 ** right - 1)) !== 0);
        expect(passAtK(samples, right, k)).toBeCloseTo(solved.length / subsets.length, 12);
      }
    }
  });

  it('refuses more than there are samples', () => {
    expect(() => passAtK(3, 1, 4)).toThrow(RangeError);
  });
});

describe('several answers to a problem', () => {
  const row = (at: number) => ({ task_id: `T/${at}`, prompt: `def f${at}():`, entry_point: `f${at}`, test: 'pass' });
  const file = { path: 'HumanEval.jsonl', rows: [row(0), row(1)] };

  it('are drawn with seeds of their own, and become pass@k by problem', () => {
    const task = humanEval('humaneval', file, { samples: 4, temperature: 0.8 });
    expect(task.items.map(({ id }) => id).slice(3, 5)).toEqual(['T/0#4', 'T/1#1']);
    expect(task.items[3]?.request).toMatchObject({ sampling: { temperature: 0.8, topP: 0.95, seed: 4 } });
    const passed = [1, 0, 0, 1, 0, 0, 0, 0];
    const items = task.items.map(({ id }, at) => ({
      ...{ id, group: null, reply: '' },
      scores: { 'pass@1': passed[at] as number },
    }));
    const { scores } = summarizeTask(task, items);
    expect(scores.map(({ metric, items: problems, value }) => [metric, problems, value])).toEqual([
      ['pass@1', 2, 0.25],
      ['pass@2', 2, expect.closeTo((1 - 1 / 6) / 2, 12)],
      ['pass@4', 2, 0.5],
    ]);
    expect(scores[0]?.standardError).toBeCloseTo(0.25, 12);
  });
});

function ones(bits: number): number {
  return bits.toString(2).replaceAll('0', '').length;
}
